/**
 * Every refusal of the API: a stable code for programs, its HTTP status, and what it means. The answer's `message` says it
 * with the values of the case and what to do. The reference page of the API is written from this table.
 */
export const ERRORS = {
  // the request
  bad_request: [400, 'The request has not the form that the API description gives; the message names the part.'],
  unknown_column: [400, 'A filter or sort names a column that does not exist; the message lists the columns.'],
  unknown_operator: [400, 'A filter names an operator that does not exist; the message lists them.'],
  too_many_values: [400, 'A filter has more values than are allowed.'],
  bad_filter: [400, 'A value of a filter is not percent-encoded as it should be.'],
  bad_time: [400, 'A time is not ISO 8601 with an offset.'],
  bad_value: [400, 'A filter compares with a value of the wrong kind.'],
  bad_cursor: [400, 'The page marker belongs to another question or is damaged: ask for the first page again.'],
  bad_event_id: [400, 'The number to go on from is none of this stream.'],
  body_too_large: [413, 'The request is larger than 256 KiB: send it in parts.'],
  media_type_unknown: [415, 'The body is not application/json.'],
  not_found: [404, 'There is nothing at this address, or nothing with this id; retention may have removed it.'],
  // who asks
  not_signed_in: [401, 'There is no session, or it has ended.'],
  user_disabled: [403, 'An administrator has disabled the user.'],
  code_required: [401, 'The user has a second factor: send its code, too.'],
  wrong_code: [401, 'The code of the second factor is wrong or was used before.'],
  passkey_required: [401, 'The user has passkeys: send the answer of one, or a recovery code, too.'],
  passkey_expired: [401, 'The sign-in by passkey was begun too long ago or in another browser, or was answered before.'],
  passkey_unknown: [401, 'The passkey is not known here, or is of another user.'],
  passkey_refused: [401, 'What the passkey signed does not hold; the message says why.'],
  passkey_copied: [401, 'The counter of the passkey went back, so there may be a copy of it.'],
  passkey_mismatch: [422, 'The answer does not belong to the passkey that was begun, or does not hold; the message says why.'],
  passkey_known: [409, 'The passkey is registered already.'],
  passkeys_need_name: [409, 'Passkeys work under a name only, and the portal was opened by its IP address.'],
  no_passkey: [409, 'The user has no passkey.'],
  external_user: [409, 'The user signs in by single sign-on, and has no password or passkey here.'],
  code_mismatch: [422, 'The code does not belong to the second factor that was begun.'],
  has_second_factor: [409, 'The user has a second factor already.'],
  no_second_factor: [409, 'The user has no second factor, or began none lately.'],
  own_user: [409, 'Nobody does this to their own user.'],
  no_role: [403, 'No group of the person has a role here.'],
  sso_failed: [401, 'The provider of identities refused the sign-in, or its answer is not valid.'],
  sso_unreachable: [503, 'The provider of identities does not answer.'],
  token_invalid: [401, 'The API token is unknown, revoked or expired.'],
  wrong_credentials: [401, 'The user name or the password is wrong.'],
  wrong_password: [403, 'The current password is wrong.'],
  not_permitted: [403, 'The role of the caller does not include this.'],
  password_change_required: [403, 'The password is for the first sign-in only: set one of your own first.'],
  csrf_token_wrong: [403, 'A write with a session needs the token of that session in x-csrf-token.'],
  origin_not_allowed: [403, 'The request comes from a page of another site.'],
  role_too_high: [403, 'Nobody can hand out a role that includes more than their own.'],
  too_many_attempts: [429, 'There were too many failed sign-ins; retry-after says how long to wait.'],
  weak_password: [422, 'The new password is too easy to guess; the message says why.'],
  same_password: [422, 'The new password is the old one.'],
  user_exists: [409, 'There is a user of this name.'],
  last_owner: [409, 'The only Owner cannot be removed or changed.'],
  too_many_tokens: [409, 'The user has as many tokens as are allowed.'],
  too_many_views: [409, 'The user keeps as many views or preferences as are allowed.'],
  // alerts
  changed_meanwhile: [
    412,
    'Somebody changed it since the revision that If-Match names; the answer has their changes and the alert as it is. 409 for a device, whose version is in the body.',
  ],
  not_learnable: [409, 'Alerts of this type cannot be learned: their traffic is never normal.'],
  already_learned: [409, 'The alert is learned already.'],
  not_learned: [409, 'The alert is not learned, so there is nothing to unlearn.'],
  not_muteable: [409, 'Alerts of this type cannot be muted.'],
  mute_internet: [409, 'An alert with an Internet address at one end cannot be muted.'],
  already_muted: [409, 'The alert is muted already.'],
  not_muted: [409, 'The alert is not muted, so there is nothing to unmute.'],
  is_flood: [409, 'The alert counts a flood of many devices: it can only be closed.'],
  key_open: [409, 'A newer alert of the same traffic is open, so this one cannot be opened again.'],
  unknown_type: [409, 'No catalogue has the type of this alert.'],
  no_packets: [404, 'The alert has no packets; the message says why.'],
  // devices
  conflict: [409, 'Somebody changed or removed the record at the same time.'],
  is_part: [409, 'The device is a part of another: change that one, or split them first.'],
  other_place: [409, 'Devices of different sensors or zones cannot be one, nor take part in one event.'],
  other_class: [409, 'A device of the plant and another device cannot be one.'],
  no_part: [409, 'The device is no part of the one that is to be split.'],
  no_address: [409, 'The device has no such address.'],
  naming_address: [409, 'The address names the device and stays with it.'],
  still_active: [409, 'The device was active within the last ten minutes, or the sensor runs, so it is not removed.'],
  no_table: [400, 'The body is no table of comma-separated values.'],
  no_key: [400, 'No column of the table says which device a line means.'],
  too_many_lines: [400, 'The table has more lines than are allowed.'],
  unknown_sensor: [400, 'No sensor of this name says where new devices stand.'],
  no_network: [400, 'The text is no network in CIDR notation.'],
  // the IoT hub
  hub_off: [503, 'No hub runs beside this server; the message says how to start one.'],
  // the baseline and rules
  baseline_unreadable: [400, 'The text or entry is no baseline; the message names the place.'],
  bad_rule: [400, 'The rule cannot be; `problems` lists all that is wrong.'],
  no_history: [409, 'The sensor keeps no packets on which rules could be tried.'],
  // sites and sensors
  not_empty: [409, 'A sensor stands in the site or zone, so it is not removed.'],
  too_many: [409, 'As many are kept as are allowed.'],
  // jobs
  key_used: [409, 'The key belongs to a job that does something else.'],
  job_running: [409, 'The job is still running.'],
  job_ended: [409, 'The job has ended already.'],
  job_undone: [409, 'The job was undone before.'],
  // settings
  bad_setting: [400, 'A setting cannot have this value; `problems` names each with what it may be.'],
  // the server
  too_many_streams: [503, 'There are as many live streams as are allowed.'],
  internal_error: [500, 'Something failed on the server; its log says what.'],
} as const satisfies Readonly<Record<string, readonly [status: number, meaning: string]>>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(code: string): code is ErrorCode {
  return code in ERRORS;
}
