/** Steps that many alert types share. */

export const NEW_TRAFFIC = [
  'Learn the alert when the traffic is wanted; the sensor then treats it as normal for these devices.',
  'When nobody can account for it, keep the source away from the target and save the packets.',
] as const;

export const NEW_PROGRAMMER = [
  'Learn the alert if the source is an engineering station; it is then known as a programming device.',
  'Otherwise take it off the network, and limit who can reach the controller.',
] as const;

export const VERSION = [
  'Check the new version on the device itself and against what the vendor publishes.',
  'Learn the alert if the version is approved; otherwise put the former one back.',
] as const;

export const AFTER_SIGN_IN = ['See in the timeline whether a later try succeeded, and from where.'] as const;

export const MANY_SIGN_INS = [
  'Look on the client for a program with an outdated password.',
  'If there is none, block the client and change the passwords of the accounts that were tried.',
  'See whether one of the tries succeeded, and follow what was done next.',
] as const;

export const SCANNER = [
  'Ask who runs the device and whether a scan was announced.',
  'An inventory or vulnerability scanner can be marked as such; scans by it then stay silent.',
  'Stop any other scan by taking the device off the network, and look at what it reached.',
] as const;

export const UNEXPECTED_STOP = [
  'Ask the control room whether the command was given on purpose.',
  'If it was not, secure the process first, then start the controller from its own engineering station.',
  'See in the timeline what else the source sent, and let only engineering stations reach the controller.',
] as const;

export const OUTSTATION_RESTARTS = [
  'Check power supply, watchdog and maintenance log of the station.',
  'See in the timeline whether a restart command came before, and from which master.',
  'Exchange the unit if it goes on without a command.',
] as const;

export const BROKEN_MESSAGE = [
  'Open the packets and find the field that the alert names.',
  'Ask the vendor whether the sender is known for it and whether an update mends it.',
  'Regard the sender as hostile if its software never sent such messages before; put harmless flaws on the list for the next update.',
] as const;

export const REFUSED_BY_OUTSTATION = [
  "Compare the request with the outstation's device profile.",
  'Correct the point list or the settings of the master.',
  'Make sure that the request came from the real master.',
] as const;

export const REFUSED_BY_STATION = [
  "Compare the request with the station's interoperability list.",
  'Correct the address or type in the control centre.',
  'Make sure that the request came from the real control centre; guesses look like this.',
] as const;

export const REFUSED_BY_MODBUS = [
  'Correct the master, or find out who else sends requests.',
  'Mute the alert if both sides are right and the reply is harmless.',
] as const;

export const REFUSED_REQUEST = [
  'Read the status in the alert: it says whether the request, the rights or the device is at fault.',
  'Correct the client that sent it.',
  'Many refusals in a short time show that somebody tries things out: look into the source then.',
] as const;

export const OBSOLETE_DNP3 = [
  'Update the master, or turn the function off in its settings.',
  'Make sure that no test tool or stranger sent the request.',
] as const;

export const CONFIGURATION = [
  'Ask for the order behind the change.',
  'Compare the configuration with the approved copy, and load that copy if the change was not ordered.',
] as const;

export const INFECTED = [
  'Separate the device from the plant without switching it off, and keep the packets.',
  'Report the case to those who handle incidents, search the neighbours for the same signs, and set the device up anew before it returns.',
] as const;

export const NEW_BUT_NOT_LEARNABLE = [
  'Mute the alert for these two devices when the traffic is harmless.',
  'When nobody can account for it, keep the source away from the target and save the packets.',
] as const;
