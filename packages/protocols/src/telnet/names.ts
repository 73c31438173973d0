/** Commands of Telnet (RFC 854) as Wireshark prints `telnet.cmd`. */
export const IAC = 255;
export const Command = { SubnegotiationEnd: 240, Subnegotiation: 250, Will: 251, Wont: 252, Do: 253, Dont: 254 } as const;

const names: Readonly<Record<number, string>> = {
  0: 'Data',
  240: 'Subnegotiation End',
  241: 'No Operation',
  242: 'Data Mark',
  243: 'Break',
  244: 'Interrupt Process',
  245: 'Abort Output',
  246: 'Are You There',
  247: 'Erase Character',
  248: 'Erase Line',
  249: 'Go Ahead',
  250: 'Subnegotiation',
  251: 'Will',
  252: "Won't",
  253: 'Do',
  254: "Don't",
};
export const commandName = (code: number): string => names[code] ?? `Command ${code}`;

/** Highest option number in use below 128 (IANA "Telnet Options"); 128 to 255 are experimental. */
export const HIGHEST_OPTION = 49;
