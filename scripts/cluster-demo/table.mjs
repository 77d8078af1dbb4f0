/** What runs where, for a terminal. */

const HEAD = ['node', 'role', 'Node-RED editor', 'dashboard', 'etcd', 'pids (etcd, Node-RED)'];

export function table(nodes) {
  const rows = nodes.map(({ node, role, editor, dashboard, etcd, modbusPort, pids }) => [
    node,
    modbusPort === undefined ? role : `${role}, Modbus ${modbusPort}`,
    editor,
    dashboard,
    etcd,
    `${pids.etcd ?? 'off'}, ${pids.nodeRed ?? 'off'}`,
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(...[HEAD, ...rows].map((row) => row[column].length), title.length),
  );
  return [HEAD, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
