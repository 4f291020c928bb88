// A frontend's first lines: what it reads and what it sends, with types from the document.
import type { components, operations, paths } from "./concord";

type Alliances = paths["/governance/v1/alliances"]["get"]["responses"]["200"]["content"]["application/json"];
type NewDecision = operations["raise_decision"]["requestBody"]["content"]["application/json"];
type Problem = components["schemas"]["Problem"];

export function names(page: Alliances): string[] {
    return page.items.map((alliance) => alliance.name);
}

export const decision: NewDecision = { type: "roadmap_change", subject: "Launch in the autumn" };

export function said(problem: Problem): string {
    return `${problem.status} ${problem.title}: ${problem.detail}`;
}
