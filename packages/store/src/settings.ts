/** Settings and marks of progress: small values by name. */
import { type Database, sqlite, statement } from './database.ts';

/** What JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

export class Settings {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The value, undefined when it was never set. The caller checks its shape: an older program may have written it. */
  async get(name: string): Promise<JsonValue | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('settings').select('value').where('name', '=', name));
    return row && JSON.parse(row.value);
  }

  async all(): Promise<ReadonlyMap<string, JsonValue>> {
    const rows = await this.#database.read(sqlite.selectFrom('settings').selectAll().orderBy('name'));
    return new Map(rows.map((row) => [row.name, JSON.parse(row.value)]));
  }

  /** Sets values together, in one transaction. */
  set(values: Readonly<Record<string, JsonValue>>): Promise<void> {
    const statements = Object.entries(values).map(([name, value]) => {
      const row = { name, value: JSON.stringify(value) };
      return statement(
        sqlite
          .insertInto('settings')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row)),
      );
    });
    return this.#database.write(statements);
  }

  remove(name: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('settings').where('name', '=', name))]);
  }
}

/** How far something has come, such as a journal that was read up to a number. */
export class Progress {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#database.readFirst(sqlite.selectFrom('progress').select('value').where('name', '=', name)))?.value;
  }

  set(name: string, value: string): Promise<void> {
    const row = { name, value };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('progress')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row)),
      ),
    ]);
  }
}
