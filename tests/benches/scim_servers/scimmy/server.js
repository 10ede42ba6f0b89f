// A SCIM server made of SCIMMY and express as their documentation shows it, over maps in memory:
//
//     node server.js <port> <token> <people.jsonl>
//
// SCIMMY leaves storage to its user. Here ids and unique names are indexed, a list is cut to its page before SCIMMY
// shapes it, and the people of the file are there from the start: what is measured is SCIMMY, not its store.
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token, people] = process.argv.slice(2);
const now = () => new Date().toISOString();
const key = (value) => String(value).toLowerCase();

class Collection {
    constructor(unique) {
        this.unique = unique;
        this.byId = new Map();
        this.byName = new Map();
        // In order of creation, for pages. Anew after a deletion.
        this.all = [];
    }

    get(id) {
        const found = this.byId.get(id);
        if (!found) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
        return found;
    }

    named(name) {
        return this.byName.get(key(name));
    }

    put(resource) {
        const before = this.byId.get(resource.id);
        if (before) {
            this.byName.delete(key(before[this.unique]));
            // The object stays where it is in the list.
            for (const name of Object.keys(before)) delete before[name];
            resource = Object.assign(before, resource);
        } else {
            this.byId.set(resource.id, resource);
            this.all.push(resource);
        }
        this.byName.set(key(resource[this.unique]), resource);
        return resource;
    }

    delete(id) {
        const before = this.get(id);
        this.byId.delete(id);
        this.byName.delete(key(before[this.unique]));
        this.all = [...this.byId.values()];
    }

    find({ filter, constraints = {} }) {
        const wanted = filter?.length === 1 && Object.keys(filter[0]).length === 1 && filter[0][this.unique];
        if (wanted?.[0] === "eq") {
            const found = this.named(wanted[1]);
            return found ? [found] : [];
        }
        const { startIndex = 1, count = 20, sortBy } = constraints;
        if (filter) return filter.match(this.all);
        if (sortBy) return this.all;
        // SCIMMY cuts a list itself unless it is told how long the whole is; then it takes what ends at the page's end.
        constraints.totalResults = this.all.length;
        const start = Math.max(startIndex, 1) - 1;
        const page = this.all.slice(start, start + count);
        return page.length > start ? this.all.slice(0, start + count) : page;
    }
}

function stored(type, unique) {
    const collection = new Collection(unique);
    SCIMMY.Resources.declare(type)
        .egress((resource) => (resource.id ? collection.get(resource.id) : collection.find(resource)))
        .ingress((resource, data) => {
            const before = resource.id ? collection.get(resource.id) : undefined;
            const owner = collection.named(data[unique]);
            if (owner && owner !== before) throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
            const at = now();
            const meta = { created: before?.meta.created ?? at, lastModified: at };
            // A plain copy: the instance belongs to the request.
            return collection.put({ ...JSON.parse(JSON.stringify(data)), id: before?.id ?? randomUUID(), meta });
        })
        .degress((resource) => collection.delete(resource.id));
    return collection;
}

const users = stored(SCIMMY.Resources.User, "userName");
stored(SCIMMY.Resources.Group, "displayName");
for await (const line of createInterface({ input: createReadStream(people) })) {
    const at = now();
    users.put({ ...JSON.parse(line), meta: { created: at, lastModified: at } });
}

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("authorization") !== `Bearer ${token}`) throw new Error("unknown token");
        return "benchmark";
    },
}));
app.listen(Number(port), "127.0.0.1");
