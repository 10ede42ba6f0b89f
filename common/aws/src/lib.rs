//! Part of Usher.
