/** Symbols of kinds of devices, as outlines in a square of 20 by 20. */

const CONTROLLER = 'M3 4h14v12H3zM6 7h3v3H6zM11 7h3M11 10h3M6 13h8';
const SCREEN = 'M3 4h14v10H3zM7 17h6M10 14v3';
const PANEL = 'M3 4h14v12H3zM5.5 6.5h9v5h-9zM6 14h1M9.5 14h1M13 14h1';
const SERVER = 'M5 3h10v14H5zM5 7.5h10M5 12h10M7.5 5.3h1M7.5 9.8h1M7.5 14.5h1';
const STORE = 'M4 5c0-2 12-2 12 0v10c0 2-12 2-12 0zM4 5c0 2 12 2 12 0M4 10c0 2 12 2 12 0';
const SWITCH = 'M3 6h14v8H3zM5.5 11.5v-2M8.5 11.5v-2M11.5 11.5v-2M14.5 11.5v-2';
const ROUTER = 'M10 3a7 7 0 1 0 .01 0zM6 10h8M10 6v8M12 12l2-2-2-2M8 8l-2 2 2 2';
const FIREWALL = 'M3 4h14v12H3zM3 8h14M3 12h14M8 4v4M12 8v4M8 12v4';
const MODULE = 'M6 3h8v14H6zM8.5 6h3M8.5 9h3M8.5 12h3M10 14.5v.5';
const DRIVE = 'M4 4h12v12H4zM7 12c1.5-7 4.5-7 6 0';
const METER = 'M10 3a7 7 0 1 0 .01 0zM10 10l3-3M6 12h8';
const CAMERA = 'M3 7h9v6H3zM12 9l5-2v6l-5-2z';
const PRINTER = 'M6 3h8v4H6zM3 7h14v6H3zM6 11h8v6H6z';
const CLOUD = 'M6 15a3.5 3.5 0 0 1 0-7 4.5 4.5 0 0 1 8.5 1A3 3 0 0 1 14 15z';
const UNKNOWN = 'M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.8.5-1.1.9-1.1 1.8M10 14.2v.3';

const OUTLINES: Readonly<Record<string, string>> = {
  PLC: CONTROLLER,
  RTU: CONTROLLER,
  IED: CONTROLLER,
  'DCS Controller': CONTROLLER,
  'Robot Controller': CONTROLLER,
  'Industrial Robot': CONTROLLER,
  HMI: PANEL,
  'Engineering Station': SCREEN,
  Workstation: SCREEN,
  'Terminal Station': SCREEN,
  Server: SERVER,
  'Domain Controller': SERVER,
  'Backup Server': SERVER,
  Historian: STORE,
  'DB Server': STORE,
  Storage: STORE,
  Switch: SWITCH,
  Router: ROUTER,
  'VPN Gateway': ROUTER,
  'Wireless Access Point': ROUTER,
  Firewall: FIREWALL,
  'I/O Adapter': MODULE,
  'Protocol Converter': MODULE,
  Slot: MODULE,
  'Variable Frequency Drive': DRIVE,
  'Servo Drive': DRIVE,
  Meter: METER,
  Thermostat: METER,
  'Humidity Sensor': METER,
  'IP Camera': CAMERA,
  DVR: CAMERA,
  Printer: PRINTER,
  Internet: CLOUD,
};

const paths = new Map<string, Path2D>();

export function symbolOf(type: string | null): Path2D {
  const outline = OUTLINES[type ?? ''] ?? (type === null ? UNKNOWN : MODULE);
  let path = paths.get(outline);
  if (!path) paths.set(outline, (path = new Path2D(outline)));
  return path;
}
