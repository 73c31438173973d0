/** BACnet vendor identifiers. */

/** Vendors by the number ASHRAE gave them, as short as inventories write them. */
const vendors: Readonly<Record<number, string>> = {
  0: 'ASHRAE',
  2: 'Trane',
  3: 'Daikin Applied',
  5: 'Johnson Controls',
  6: 'ABB',
  7: 'Siemens',
  8: 'Delta Controls',
  9: 'Siemens',
  10: 'Schneider Electric',
  11: 'TAC',
  14: 'Cimetrics',
  16: 'Carrier',
  17: 'Honeywell',
  18: 'Alerton',
  22: 'Siemens',
  24: 'Automated Logic',
  28: 'KMC Controls',
  35: 'Reliable Controls',
  36: 'Tridium',
  39: 'Kieback & Peter',
  42: 'Acuity Brands Lighting',
  50: 'MBS',
  51: 'SAMSON',
  53: 'Daikin Industries',
  56: 'Liebert',
};

/** Undefined for vendors without an entry: a number would displace the name that the device itself tells. */
export function vendorName(vendor: number): string | undefined {
  return vendors[vendor];
}
