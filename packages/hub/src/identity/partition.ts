/** Which partition a device belongs to. Everything of a device, its modules included, lives in one partition. */

/** FNV-1a over the UTF-8 bytes of the id: the same in every process and for good, since data lies where it says. */
export function partitionOf(deviceId: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < deviceId.length; at++) {
    // Ids are ASCII (identity.ts); whatever else a stranger claims still gives a number.
    hash = Math.imul(hash ^ (deviceId.charCodeAt(at) & 0xff), 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
