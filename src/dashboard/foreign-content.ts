/**
 * What any document with a plugin's HTML in it may do: run what is written in it, and load nothing. `reach` is where its
 * scripts may send to and have workers from; what it may frame, each document adds.
 */
export function foreignContent(reach: "'none'" | "'self'"): readonly string[] {
  return [
    "default-src 'none'",
    "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    `connect-src ${reach}`,
    `worker-src ${reach}`,
    "form-action 'none'",
    "base-uri 'none'",
  ];
}
