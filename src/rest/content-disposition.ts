/** `Content-Disposition` of a file to be saved: RFC 6266, with the name in ASCII for old clients and in UTF-8 for all others. */
export function attachment(filename: string): string {
  const name = filename.replaceAll(/[\p{Cc}/\\]/gu, '_').toWellFormed();
  const plain = name.replaceAll(/[^\u0020-\u007e]/g, '_').replaceAll('"', "'");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plain === name
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
