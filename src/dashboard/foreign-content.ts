/**
 * What any document with a plugin's HTML in it may do: run what is written in it, and load nothing. `connect` is where its
 * scripts may send to; what it may frame, each document adds.
 */
export function foreignContent(connect: "'none'" | "'self'"): readonly string[] {
  return [
    "default-src 'none'",
    "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    `connect-src ${connect}`,
    "form-action 'none'",
    "base-uri 'none'",
  ];
}
