//! What usage looks like.

use maud::{Markup, html};
use usher_domain::usage::Month;

use super::parts::{empty, number};
use crate::api::usage::{BillView, UsageView, UsedView};

/// The page.
pub(super) fn page(usage: &UsageView, month: Month, is_present: bool) -> Markup {
    html! {
        header.title {
            h1 { "Usage" }
            p.lead {
                "What was used in " (month)
                @if is_present { ", up to now" }
                ". Days and months are UTC’s. Seats are counted once a day, SCIM requests with a minute’s delay."
            }
        }
        nav.pager.first aria-label="Months" {
            a.button href={ "/usage?month=" (month.previous()) } { "← " (month.previous()) }
            @if !is_present { a.button href={ "/usage?month=" (month.next()) } { (month.next()) " →" } }
            a.button href={ "/usage/export.csv?month=" (month) } { "CSV" }
            a.button href={ "/usage/export.json?month=" (month) } { "JSON" }
        }
        dl.facts.apart {
            @if let Some(requests) = usage.scim_requests {
                div { dt { "SCIM requests" } dd { (number(requests)) } }
            }
            div { dt { "Jobs" } dd { (number(usage.total.jobs)) } }
            div { dt { "Requests to apps" } dd { (number(usage.total.app_calls)) } }
            div { dt { "Seats, peak" } dd { (number(usage.total.seats_peak)) } }
            div { dt { "Seats, average" } dd { (average(&usage.total)) } }
        }
        @if let Some(bill) = &usage.bill { (estimate(bill)) }
        h2 { "By integration" }
        @if usage.integrations.is_empty() {
            (empty("Nothing was used", html! {
                p { "Each integration appears here with its seats, its jobs and the requests to its app." }
            }))
        } @else {
            table role="table" {
                caption.hidden { "Usage by integration" }
                thead role="rowgroup" {
                    tr role="row" {
                        th role="columnheader" scope="col" { "Integration" }
                        th role="columnheader" scope="col" { "Jobs" }
                        th role="columnheader" scope="col" { "Requests to the app" }
                        th role="columnheader" scope="col" { "Seats, peak" }
                        th role="columnheader" scope="col" { "Seats, average" }
                    }
                }
                tbody role="rowgroup" {
                    @for one in &usage.integrations {
                        tr role="row" {
                            td role="cell" data-label="Integration" {
                                a href={ "/integrations/" (one.integration) } { (one.name) }
                            }
                            td role="cell" data-label="Jobs" { (number(one.used.jobs)) }
                            td role="cell" data-label="Requests to the app" { (number(one.used.app_calls)) }
                            td role="cell" data-label="Seats, peak" { (number(one.used.seats_peak)) }
                            td role="cell" data-label="Seats, average" { (average(&one.used)) }
                        }
                    }
                }
            }
        }
    }
}

fn average(used: &UsedView) -> String {
    format!("{:.1}", used.seats_average)
}

fn estimate(bill: &BillView) -> Markup {
    html! {
        h2 { "Estimated bill: " (money(bill, bill.total)) }
        table role="table" {
            caption.hidden { "Estimated bill" }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { "What" }
                    th role="columnheader" scope="col" { "Quantity" }
                    th role="columnheader" scope="col" { "Amount" }
                }
            }
            tbody role="rowgroup" {
                @for line in &bill.lines {
                    tr role="row" {
                        td role="cell" data-label="What" { (line.what) }
                        td role="cell" data-label="Quantity" { (format!("{:.1}", line.quantity)) }
                        td role="cell" data-label="Amount" { (money(bill, line.amount)) }
                    }
                }
            }
        }
        p.fine { "By this installation’s price sheet, before rounding and tax." }
    }
}

fn money(bill: &BillView, amount: f64) -> String {
    format!("{} {amount:.2}", bill.currency)
}
