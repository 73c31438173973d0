/** What the portal keeps for people beside alerts; the store's own classes fit. */
import type { AlertComment } from '@annunciator/store/alert-comments';
import type { SavedView } from '@annunciator/store/saved-views';
import type { JsonValue } from '@annunciator/store/settings';

export interface PortalRecords {
  readonly comments: {
    add(alert: string, comment: Omit<AlertComment, 'number'>): Promise<AlertComment | undefined>;
    of(alert: string): Promise<readonly AlertComment[]>;
  };
  readonly views: {
    put(view: SavedView): Promise<void>;
    get(id: string): Promise<SavedView | undefined>;
    list(page: string, user: string): Promise<readonly SavedView[]>;
    remove(id: string): Promise<void>;
  };
  readonly preferences: {
    of(user: string): Promise<Readonly<Record<string, JsonValue>>>;
    set(user: string, name: string, value: JsonValue): Promise<void>;
    remove(user: string, name: string): Promise<void>;
  };
  readonly settings: {
    get(name: string): Promise<JsonValue | undefined>;
    set(values: Readonly<Record<string, JsonValue>>): Promise<void>;
  };
}
