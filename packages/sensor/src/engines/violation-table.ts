/** Which alert types a violation raises, by the name the dissector gives it. Names without a row only count as malformed. */
export const ALERT_OF_VIOLATION: Readonly<Record<string, readonly string[]>> = {};
