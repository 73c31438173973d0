/** What is said about interfaces that cannot be watched. */
import { CaptureError } from '../capture/capture-error.ts';

export function noInterface(name: string): CaptureError {
  return new CaptureError('unreadable', name, `There is no interface ${name}. List the interfaces with "ip link", then name one.`);
}

export function isDown(name: string): CaptureError {
  return new CaptureError('unreadable', name, `Interface ${name} is down. Bring it up with "ip link set ${name} up", then try again.`);
}
