/** Credentials of a request (RFC 7617, RFC 7616): only the user is read, the password never leaves the packet. */

/** User of an Authorization value: of Basic and Digest; `?` for another scheme or an unreadable one, empty without a value. */
export function readAuthorization(value: string): string {
  if (value === '') return '';
  const basic = /^basic +([a-z0-9+/=_-]+)/i.exec(value);
  if (basic) {
    const decoded = Buffer.from(basic[1], 'base64').toString('latin1');
    const user = decoded.slice(0, Math.max(0, decoded.indexOf(':'))).replace(/[^\x20-\x7e]/g, '.');
    return user === '' ? '?' : user;
  }
  return /^digest .*?username="([^"]{1,128})"/i.exec(value)?.[1] ?? '?';
}
