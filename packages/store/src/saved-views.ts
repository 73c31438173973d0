/** Views of pages that people keep under a name: for themselves or for the team; and what each person prefers. */
import { type Database, sqlite, statement } from './database.ts';
import type { JsonValue } from './settings.ts';

export interface SavedView {
  readonly id: string;
  /** Page of the portal, such as `alerts`. */
  readonly page: string;
  readonly name: string;
  /** Name of the user who made it. */
  readonly owner: string;
  /** True when everybody sees it. */
  readonly team: boolean;
  /** What the page's address holds, without the question mark. */
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly updated: number;
}

export class SavedViews {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a view, or changes the one with its id. */
  put(view: SavedView): Promise<void> {
    const row = { ...view, team: view.team ? 1 : 0 };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('saved_views')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
      ),
    ]);
  }

  async get(id: string): Promise<SavedView | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('saved_views').selectAll().where('id', '=', id));
    return row && { ...row, team: row.team === 1n, updated: Number(row.updated) };
  }

  /** The views of a page that a user sees, by name: own ones and the team's. */
  async list(page: string, user: string): Promise<SavedView[]> {
    const rows = await this.#database.read(
      sqlite
        .selectFrom('saved_views')
        .selectAll()
        .where('page', '=', page)
        .where((where) => where.or([where('owner', '=', user), where('team', '=', 1n)]))
        .orderBy('name'),
    );
    return rows.map((row) => ({ ...row, team: row.team === 1n, updated: Number(row.updated) }));
  }

  remove(id: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('saved_views').where('id', '=', id))]);
  }
}

/** Small things that a person prefers, by name: the columns of a page, the time zone. */
export class Preferences {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async of(user: string): Promise<Readonly<Record<string, JsonValue>>> {
    const rows = await this.#database.read(sqlite.selectFrom('preferences').select(['name', 'value']).where('user', '=', user));
    return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value)]));
  }

  set(user: string, name: string, value: JsonValue): Promise<void> {
    const row = { user, name, value: JSON.stringify(value) };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('preferences')
          .values(row)
          .onConflict((conflict) => conflict.columns(['user', 'name']).doUpdateSet(row)),
      ),
    ]);
  }

  remove(user: string, name: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('preferences').where('user', '=', user).where('name', '=', name))]);
  }
}
