/**
 * HTTP/1.x (RFC 9112) on any port. Headers are read when all of them are there; bodies are passed over as they come, in
 * whatever pieces, and never kept.
 */
import { text } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { Confidence, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type Credentials, readAuthorization } from './authorization.ts';
import { readBody } from './body.ts';
import { Connection, Part, type Side } from './connection.ts';
import { newHeader, readHeader, tellLength } from './header.ts';
import { identifyHttp, isStatusLine } from './identify.ts';
import { headerEnd, lineEnd, tokenEnd } from './line.ts';
import { CONNECT, HEAD, methodCode, methodName, statusText, VIOLATIONS } from './names.ts';

const HTTP = PROTOCOLS.http.index;
const LONGEST_PATH = 2048;
/** A header that is not finished after so many bytes is told and given up. */
const LONGEST_HEADER = 131_072;
const header = newHeader();

function connectionOf(facts: Facts): Connection {
  if (facts.state instanceof Connection) return facts.state;
  const connection = new Connection();
  facts.state = connection;
  return connection;
}

/** Path and host of a request target (RFC 9112, 3.2): `/path`, `http://host/path`, `host:port` or `*`. */
function splitTarget(target: string): { host: string; path: string } {
  const scheme = /^[a-z]{4,5}:\/\//i.exec(target);
  if (!scheme) return { host: '', path: target };
  const slash = target.indexOf('/', scheme[0].length);
  return slash < 0
    ? { host: target.slice(scheme[0].length), path: '/' }
    : { host: target.slice(scheme[0].length, slash), path: target.slice(slash) };
}

/** `GET host/first` of a request: query, fragment and deeper segments left out. */
function activityOf(method: string, host: string, path: string): string {
  const segment = /^\/?([^/?#;]*)/.exec(path);
  return `${method} ${host.toLowerCase()}/${segment ? segment[1] : ''}`;
}

/** Product token of a User-Agent (RFC 9110, 10.1.5): `Mozilla/5.0` of a browser's, so that comments do not make agents. */
const productOf = (userAgent: string): string => /^[^\s(;,]+/.exec(userAgent)?.[0] ?? userAgent;

/** The action parameter of `application/soap+xml` (RFC 3902), which takes the place of SOAPAction in SOAP 1.2. */
function soapActionOf(contentType: string): string {
  if (!/^application\/soap\+xml/i.test(contentType)) return '';
  return /;\s*action="?([^";]*)/i.exec(contentType)?.[1] ?? '';
}

function readRequest(facts: Facts, connection: Connection, bytes: Uint8Array, start: number, lineStop: number, end: number): void {
  const methodEnd = tokenEnd(bytes, start, lineStop);
  const method = text(bytes, start, methodEnd, 32);
  const code = methodCode(method);
  facts.message(HTTP, code, Role.Request);
  if (facts.countsFields) facts.field('http.request.method', method);
  readHeader(facts, bytes, lineEnd(bytes, start, end) + 1, end, header);
  let targetEnd = lineStop;
  while (targetEnd > methodEnd + 1 && bytes[targetEnd] !== 32) targetEnd--;
  if (targetEnd <= methodEnd + 1) targetEnd = lineStop;
  tellLength(facts, 'request target', targetEnd - methodEnd - 1);
  const target = splitTarget(text(bytes, methodEnd + 1, targetEnd, LONGEST_PATH));
  const host = header.host || target.host;
  const soapAction = header.soapAction || soapActionOf(header.contentType);

  facts.use(Aspect.HttpCommunication, facts.destinationPort, 0);
  facts.use(Aspect.HttpActivity, facts.intern(activityOf(method, host, target.path)), 0);
  if (header.userAgent !== '') facts.use(Aspect.HttpUserAgent, facts.intern(productOf(header.userAgent)), 0);
  if (soapAction !== '') facts.use(Aspect.HttpSoapAction, facts.intern(soapAction), 0);
  facts.tell({
    is: 'http',
    step: 'request',
    method,
    host,
    path: target.path,
    userAgent: header.userAgent,
    soapAction,
    status: 0,
    headerCount: header.fields,
    longestHeader: header.longest,
    contentType: header.contentType,
  });
  if (method === 'PUT') facts.tell({ is: 'transfer', protocol: HTTP, direction: 'write', name: target.path, text: `PUT ${target.path}` });
  connection.ask({ method: code, ...readAuthorization(header.authorization), path: target.path });
  const side = connection.client;
  side.first = true;
  side.name = target.path;
  if (header.chunked) side.part = Part.ChunkSize;
  else if (header.length > 0) {
    side.part = Part.Body;
    side.left = header.length;
  }
}

/** A password was sent with the request: the answer says whether it was right. Ordinary accepted requests are told once a connection. */
function tellLogin(facts: Facts, connection: Connection, { user, secret }: Credentials, status: number): void {
  const readable = secret === undefined ? {} : { passwordHash: secret };
  if (status === 401 || status === 407) {
    connection.refused = true;
    facts.tell({ is: 'login', protocol: HTTP, outcome: 'attempt', user, ...readable });
    facts.tell({ is: 'login', protocol: HTTP, outcome: 'failure', user });
  } else if (status < 400 && (connection.refused || connection.accepted !== user)) {
    connection.refused = false;
    connection.accepted = user;
    facts.tell({ is: 'login', protocol: HTTP, outcome: 'success', user, ...readable });
  }
}

function readResponse(facts: Facts, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  const status = (bytes[start + 9] - 48) * 100 + (bytes[start + 10] - 48) * 10 + (bytes[start + 11] - 48);
  const interim = status >= 100 && status < 200 && status !== 101;
  const request = interim ? connection.waiting[0] : connection.answered();
  const method = request?.method ?? 0;
  facts.message(HTTP, method, Role.Response);
  if (facts.countsFields) facts.field('http.response.code', status);
  readHeader(facts, bytes, lineEnd(bytes, start, end) + 1, end, header);
  facts.tell({
    is: 'http',
    step: 'response',
    method: request ? methodName(method) : '',
    host: '',
    path: '',
    userAgent: '',
    soapAction: '',
    status,
    headerCount: header.fields,
    longestHeader: header.longest,
    contentType: header.contentType,
  });
  if (status >= 400)
    facts.tell({ is: 'failure', protocol: HTTP, name: 'http.status', code: status, operation: method, text: statusText(status) });
  if (request && request.user !== '' && !interim) tellLogin(facts, connection, request, status);
  if (header.disposition !== '') {
    const name = /filename\*?="?([^";]*)/i.exec(header.disposition)?.[1] ?? '';
    if (name !== '') facts.tell({ is: 'transfer', protocol: HTTP, direction: 'read', name, text: `File ${name} was sent to the client.` });
  }
  const side = connection.server;
  side.first = true;
  side.name = request?.path ?? '';
  // Who has the last word on the length of a response: RFC 9112, 6.3.
  if (status === 101 || (method === CONNECT && request && status >= 200 && status < 300)) {
    side.part = Part.Rest;
    connection.client.part = Part.Rest;
  } else if (interim || status === 204 || status === 304 || method === HEAD) side.part = Part.StartLine;
  else if (header.chunked) side.part = Part.ChunkSize;
  else if (header.length >= 0) {
    side.part = header.length > 0 ? Part.Body : Part.StartLine;
    side.left = header.length;
  } else side.part = Part.Rest;
}

/** Reads start line and header of the message at `start`; returns the offset after them, `start` for more bytes, -1 for no message. */
function readHead(facts: Facts, connection: Connection, side: Side, bytes: Uint8Array, start: number, end: number): number {
  // Empty lines before a message are to be passed over (RFC 9112, 2.2).
  let at = start;
  while (at < end && (bytes[at] === 13 || bytes[at] === 10)) at++;
  if (at > start) return at;
  if (side.searched === 0 && identifyHttp(bytes, start, end) === Confidence.No) return -1;
  const after = headerEnd(bytes, start, start + Math.max(0, side.searched - 3), end);
  if (after < 0) {
    if (end - start > LONGEST_HEADER) {
      const sentence = `A header is not finished after ${LONGEST_HEADER} bytes.`;
      tellLength(facts, 'header', end - start);
      facts.tell({
        is: 'violation',
        protocol: HTTP,
        name: 'http.header-too-long',
        malformed: VIOLATIONS['http.header-too-long'].malformed,
        text: sentence,
      });
      side.searched = 0;
      return -1;
    }
    side.searched = end - start;
    return start;
  }
  side.searched = 0;
  if (isStatusLine(bytes, start, after)) {
    readResponse(facts, connection, bytes, start, after);
    return after;
  }
  const feed = lineEnd(bytes, start, after);
  const lineStop = bytes[feed - 1] === 13 ? feed - 1 : feed;
  const methodEnd = tokenEnd(bytes, start, lineStop);
  if (methodEnd === start || (methodEnd < lineStop && bytes[methodEnd] !== 32)) return -1;
  readRequest(facts, connection, bytes, start, lineStop, after);
  return after;
}

export const http: Dissector = {
  protocol: PROTOCOLS.http,
  reports: [PROTOCOLS.http],
  tcpPorts: [80, 8080, 8000, 8008, 591, 631, 3128, 5985, 8888],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_HEADER + 65_536,

  identify: (bytes, start, end, stream) => (stream ? identifyHttp(bytes, start, end) : Confidence.No),
  speaker: (bytes, start, end) => {
    if (identifyHttp(bytes, start, end) < Confidence.Possible) return Speaker.Unknown;
    return isStatusLine(bytes, start, end) ? Speaker.Server : Speaker.Client;
  },

  stream(facts, bytes, start, end) {
    if (start >= end) return start;
    const connection = connectionOf(facts);
    const side = facts.toServer ? connection.client : connection.server;
    return side.part === Part.StartLine ? readHead(facts, connection, side, bytes, start, end) : readBody(facts, side, bytes, start, end);
  },

  gap(facts) {
    if (facts.state instanceof Connection) facts.state.forget();
  },

  operationName: (_protocol, code) => methodName(code),
  aspects: {
    [Aspect.HttpCommunication]: (a) => ({ port: a }),
    [Aspect.HttpActivity]: (a, _b, name) => ({ activity: name(a) }),
    [Aspect.HttpUserAgent]: (a, _b, name) => ({ userAgent: name(a) }),
    [Aspect.HttpSoapAction]: (a, _b, name) => ({ soapAction: name(a) }),
  },
};
