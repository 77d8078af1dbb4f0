"""The nodes that share their readings: who leads, who answers, and when each was seen last."""

from cards import badge
from markup import escape, ident, name, within
from wording import age_of, duration_of

BUDGET = 60_000
COLUMNS = ("Node", "Health", "Role", "Last seen")
# Less than this the way of a message may be; from here on times of two nodes cannot be compared.
SKEW_S = 1


def skew_badge(member):
    """Ages of that node's readings are wrong by as much."""
    if member.skew_s is None or abs(member.skew_s) < SKEW_S:
        return ""
    way = "ahead" if member.skew_s > 0 else "behind"
    return badge("warn", f"clock {duration_of(abs(member.skew_s))} {way}")


def row(member, cluster, now):
    leads = badge("leader", "leader") if member.node == cluster.leader else ""
    health = badge("good", "healthy") if member.healthy else badge("bad", "no answer")
    known = member.last_seen is not None and now is not None
    seen = age_of((now - member.last_seen) / 1000) if known else "never" if member.last_seen is None else "–"
    return (
        f'<tr role="row" id="{ident("member", member.node)}">'
        f'<th role="rowheader" scope="row">{name(member.node)} {leads}</th>'
        f'<td role="cell" class="state" data-label="Health">{health}</td>'
        f'<td role="cell" data-label="Role">{escape(member.role, 40) or "–"}</td>'
        f'<td role="cell" data-label="Last seen">{seen} {skew_badge(member)}</td></tr>'
    )


def cluster_table(cluster, now):
    if cluster is None:
        return ""
    state = badge("good", "connected") if cluster.connected else badge("bad", "not connected")
    leader = f"led by {name(cluster.leader)}" if cluster.leader is not None else "without a leader"
    head = "".join(f'<th role="columnheader" scope="col">{column}</th>' for column in COLUMNS)
    rows, left = within((row(member, cluster, now) for member in cluster.members), BUDGET)
    more = f'<p class="soft">and {left} more nodes</p>' if left else ""
    table = (
        '<table role="table" class="blocks" aria-labelledby="cluster--title"><thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )
    return (
        '<section id="cluster" aria-labelledby="cluster--title"><h2 id="cluster--title">Cluster</h2>'
        '<div class="card table" role="group" aria-labelledby="cluster--title" tabindex="0">'
        f'<p class="summary">{state} <span>{leader}</span></p>'
        f"{table if rows else ''}{more}</div></section>"
    )
