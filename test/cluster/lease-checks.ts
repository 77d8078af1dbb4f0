/**
 * Of leases: who held one when, told by the moments at which a node asked itself and found that it does. From the first of
 * a token's moments to its last it was held; no other node may have held one in between. A node may pause between asking
 * and acting, so what the lease guards looks at the token itself: it takes none older than one that it has seen.
 */
import type { Recorded } from './history';
import type { Finding } from './history-checker';

export function longestGap(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.reduce((longest, at, i) => Math.max(longest, at - (sorted[i - 1] ?? at)), 0);
}

interface Term {
  readonly token: number;
  readonly node: string;
  readonly from: number;
  readonly to: number;
}

export function leaseFindings(
  held: readonly Recorded<'held'>[],
  acted: readonly Recorded<'acted'>[],
): { readonly findings: readonly Finding[]; readonly longestVacancyMs: number } {
  const terms = termsOf(held);
  const pairs = terms.map((term, i) => [terms[i - 1], term] as const);
  return {
    findings: [
      ...sharedTokens([...held, ...acted]),
      ...overlaps(terms),
      ...pairs.flatMap(([before, term]) =>
        before && term.token <= before.token
          ? [finding('token-went-back', `${term.node} held ${term.token} after ${before.node} held ${before.token}`)]
          : [],
      ),
      ...staleOrders(acted),
    ],
    longestVacancyMs: longestGap(held.map(({ at }) => at)),
  };
}

function finding(kind: Finding['kind'], says: string): Finding {
  return { kind, says };
}

/** In the order in which they began. */
function termsOf(held: readonly Recorded<'held'>[]): Term[] {
  const terms = new Map<string, Term>();
  for (const { node, token, at } of held) {
    const key = `${node} ${token}`;
    const { from, to } = terms.get(key) ?? { from: at, to: at };
    terms.set(key, { node, token, from: Math.min(from, at), to: Math.max(to, at) });
  }
  return [...terms.values()].sort((a, b) => a.from - b.from);
}

function overlaps(terms: readonly Term[]): Finding[] {
  const found: Finding[] = [];
  let last: Term | undefined;
  for (const term of terms) {
    if (last && last.node !== term.node && term.from <= last.to) {
      const ms = (Math.min(last.to, term.to) - term.from).toFixed(1);
      const both = `${last.node} (${last.token}) and ${term.node} (${term.token})`;
      found.push(finding('two-holders', `${both} for ${ms} ms`));
    }
    if (!last || term.to > last.to) last = term;
  }
  return found;
}

function sharedTokens(events: readonly { readonly node: string; readonly token: number }[]): Finding[] {
  const owners = new Map<number, Set<string>>();
  for (const { node, token } of events) owners.set(token, (owners.get(token) ?? new Set()).add(node));
  return [...owners]
    .filter(([, nodes]) => nodes.size > 1)
    .map(([token, nodes]) => finding('token-shared', `${token} by ${[...nodes].join(' and ')}`));
}

function staleOrders(acted: readonly Recorded<'acted'>[]): Finding[] {
  let newest = Number.NEGATIVE_INFINITY;
  return acted.flatMap(({ node, token }) => {
    const stale = token < newest;
    newest = Math.max(newest, token);
    return stale ? [finding('stale-order', `one of ${node} (${token}) was taken after one of ${newest}`)] : [];
  });
}
