/**
 * Which alert types a violation raises, by the name the dissector gives it (the protocols' names.ts). Names without a row
 * raise nothing of their own; those that are malformed still count towards the limit of their session.
 */
const ILLEGAL_BACNET = ['illegal-bacnet-message'];
const ILLEGAL_DNP3 = ['illegal-dnp3-operation'];
const IMPROPER_FORMAT = ['usage-of-improper-formatting-by-outstation'];

export const ALERT_OF_VIOLATION: Readonly<Record<string, readonly string[]>> = {
  'modbus.function-zero': ['illegal-modbus-operation-function-code-zero'],
  'modbus.exception-in-request': ['illegal-modbus-operation-exception-raised-by-master'],
  'modbus.reserved-function': ['usage-of-a-reserved-function-code'],
  'modbus.protocol-id': ['illegal-protocol-version'],

  'enip.protocol-version': ['illegal-protocol-version'],
  'opcua.protocol-version': ['illegal-protocol-version'],

  'smb.parameter-length': ['suspicion-of-notpetya-malware-illegal-smb-parameters-detected'],
  'smb.transaction-sequence': ['suspicion-of-notpetya-malware-illegal-smb-transaction-detected'],
  'smb.implant-answer': ['invalid-smb-message-doublepulsar-backdoor-implant'],

  'bacnet.bvlc-type': ILLEGAL_BACNET,
  'bacnet.bvlc-function': ILLEGAL_BACNET,
  'bacnet.bvlc-length': ILLEGAL_BACNET,
  'bacnet.npdu-version': [...ILLEGAL_BACNET, 'illegal-protocol-version'],
  'bacnet.npdu-control': ILLEGAL_BACNET,
  'bacnet.npdu-short': ILLEGAL_BACNET,
  'bacnet.npdu-address': ILLEGAL_BACNET,
  'bacnet.apdu-missing': ILLEGAL_BACNET,
  'bacnet.apdu-type': ILLEGAL_BACNET,
  'bacnet.apdu-short': ILLEGAL_BACNET,
  'bacnet.tag-overrun': ILLEGAL_BACNET,
  'bacnet.tag-unbalanced': ILLEGAL_BACNET,
  'bacnet.tag-reserved': ILLEGAL_BACNET,
  'bacnet.tag-length': ILLEGAL_BACNET,
  'bacnet.value-type': ILLEGAL_BACNET,

  // Reserved objects are those the standard does not define; a qualifier or range that cannot be is no operation at all.
  'dnp3.header-crc': ILLEGAL_DNP3,
  'dnp3.block-crc': ILLEGAL_DNP3,
  'dnp3.response-from-master': ILLEGAL_DNP3,
  'dnp3.request-from-outstation': ILLEGAL_DNP3,
  'dnp3.unknown-object': ILLEGAL_DNP3,
  'dnp3.qualifier': ILLEGAL_DNP3,
  'dnp3.range': ILLEGAL_DNP3,
  'dnp3.reserved-function': ['usage-of-a-reserved-function-code'],
  'dnp3.confirm-requested': ['master-requested-an-application-layer-confirmation'],
  'dnp3.initialize-data': ['initiation-of-an-obsolete-function-code-initialize-data'],
  'dnp3.save-configuration': ['initiation-of-an-obsolete-function-code-save-config'],
};

/** Faults that raise an alert only in what an outstation sends. */
export const ALERT_OF_OUTSTATION_VIOLATION: Readonly<Record<string, readonly string[]>> = {
  'dnp3.qualifier': IMPROPER_FORMAT,
  'dnp3.range': IMPROPER_FORMAT,
  'dnp3.object-header': IMPROPER_FORMAT,
  'dnp3.object-length': IMPROPER_FORMAT,
  'dnp3.transport-sequence': IMPROPER_FORMAT,
  'dnp3.application-length': IMPROPER_FORMAT,
};
