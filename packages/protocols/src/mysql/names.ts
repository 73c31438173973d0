/** Commands of the client/server protocol of MySQL and MariaDB, as Wireshark numbers `mysql.command`, and what can be wrong. */
const COMMANDS: readonly string[] =
  'Sleep,Quit,Use Database,Query,Show Fields,Create Database,Drop Database,Refresh,Shutdown,Statistics,Process List,Connect,Process Kill,Debug,Ping,Time,Insert Delayed,Change User,Binlog Dump,Table Dump,Connect Out,Register Replica,Prepare Statement,Execute Statement,Send Long Data,Close Statement,Reset Statement,Set Option,Fetch Data,Daemon,Send Binlog GTID,Reset Connection'.split(
    ',',
  );
export const Command = {
  Quit: 1,
  UseDatabase: 2,
  Query: 3,
  CreateDatabase: 5,
  DropDatabase: 6,
  Shutdown: 8,
  ChangeUser: 17,
  Prepare: 22,
} as const;
export const HIGHEST_COMMAND = COMMANDS.length - 1;

/** Operation codes of what is no command. */
export const Step = { Greeting: 0x100, Login: 0x101, Authentication: 0x102, Tls: 0x103 } as const;
const STEPS = ['Greeting', 'Login', 'Authentication', 'TLS Request'];

export const operationName = (code: number): string =>
  code >= Step.Greeting ? (STEPS[code - Step.Greeting] ?? `Step ${code}`) : (COMMANDS[code] ?? `Command ${code}`);

/** Error codes by which a sign-in is refused: access denied, for a database, by host, unknown account, locked. */
export const REFUSALS: ReadonlySet<number> = new Set([1044, 1045, 1129, 1130, 1698, 3118, 3955]);

/** First bytes of what a server answers. */
export const Answer = { Ok: 0x00, AuthMore: 0x01, Eof: 0xfe, Error: 0xff } as const;

/** Flags of a client: SSL, the 4.1 protocol. */
export const CLIENT_SSL = 0x0800;
export const CLIENT_41 = 0x0200;

/** What a MySQL packet can break. */
export const VIOLATIONS = {
  /** A sign-in that ends within its fields. */
  'mysql.length': { malformed: true },
} as const;
