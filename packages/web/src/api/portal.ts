/** What the portal keeps for people (GET /api/openapi.json: SavedView, Preferences, AlertComment, LearnPreview, DecodedPacket). */
import { get, send } from './client.ts';

export interface SavedView {
  readonly id: string;
  readonly page: string;
  readonly name: string;
  readonly owner: string;
  readonly team: boolean;
  /** What the page's address holds. */
  readonly address: string;
}

export function fetchViews(page: string): Promise<readonly SavedView[]> {
  return get(`/api/views?page=${page}`);
}

export function saveView(view: Pick<SavedView, 'page' | 'name' | 'address' | 'team'>): Promise<SavedView> {
  return send('POST', '/api/views', view);
}

export function changeView(id: string, change: Partial<Pick<SavedView, 'name' | 'address' | 'team'>>): Promise<SavedView> {
  return send('PATCH', `/api/views/${id}`, change);
}

export function removeView(id: string): Promise<void> {
  return send('DELETE', `/api/views/${id}`);
}

export type Preferences = Readonly<Record<string, unknown>>;

export function fetchPreferences(): Promise<Preferences> {
  return get('/api/preferences');
}

export function setPreference(name: string, value: unknown): Promise<void> {
  return send('PUT', `/api/preferences/${name}`, { value });
}

export interface AlertComment {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly text: string;
}

export function fetchComments(alert: string): Promise<readonly AlertComment[]> {
  return get(`/api/alerts/${encodeURIComponent(alert)}/comments`);
}

export function addComment(alert: string, text: string): Promise<AlertComment> {
  return send('POST', `/api/alerts/${encodeURIComponent(alert)}/comments`, { text });
}

/** Texts that are offered for comments. */
export interface CommentTexts {
  readonly texts: readonly string[];
}
/** What queries keep them under. */
export const COMMENT_TEXTS = ['comment-texts'];

export function fetchCommentTexts(): Promise<CommentTexts> {
  return get('/api/comment-texts');
}

export function setCommentTexts(texts: readonly string[]): Promise<CommentTexts> {
  return send('PUT', '/api/comment-texts', { texts });
}

export interface LearnPreview {
  readonly alerts: number;
  readonly learnable: number;
  readonly closes: number;
  readonly others: { readonly count: number } | null;
  readonly refused: readonly { readonly code: string; readonly message: string; readonly count: number }[];
  readonly entries: readonly { readonly line: string; readonly words: string; readonly known: boolean }[];
  readonly entriesInAll: number | null;
  /** Closed alerts that would not have been raised. */
  readonly silenced: { readonly count: number; readonly complete: boolean } | null;
}

export function fetchLearnPreview(body: object): Promise<LearnPreview> {
  return send('POST', '/api/alerts/learn-preview', body);
}

export interface DecodedPacket {
  readonly number: number;
  readonly frame: number | null;
  readonly time: string;
  readonly length: number;
  readonly captured: number;
  readonly layers: readonly { readonly name: string; readonly fields: readonly PacketField[] }[];
  readonly messages: readonly PacketMessage[];
  readonly problem: string;
  readonly payload: number;
  readonly bytes: string;
}
export interface PacketField {
  readonly name: string;
  readonly field: string;
  readonly value: string;
  readonly offset: number;
  readonly length: number;
}
export interface PacketMessage {
  readonly protocol: string;
  readonly operation: string;
  readonly role: 'request' | 'response' | 'notification' | 'unknown';
  readonly fields: readonly { readonly field: string; readonly value: string }[];
  readonly notes: readonly string[];
}

export function fetchPacket(alert: string): Promise<DecodedPacket> {
  return get(`/api/alerts/${encodeURIComponent(alert)}/packet`);
}
