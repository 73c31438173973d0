/**
 * The alert types that the sensor detects and what makes it raise each, in the words of the protocol: read beside the
 * threshold of the type and what its `also` says. And why it does not raise the others. The sensor's tests hold this list
 * against its engines.
 *
 * "After learning" means: the baseline did not hold it when learning ended; while learning it is taken in silently.
 */

/** By id. */
export const TRIGGERS: Readonly<Record<string, string>> = {
  'beckhoff-software-changed': 'An answer to ADS ReadDeviceInfo names another device or version than the last one.',
  'database-login-failed':
    'A MySQL error 1044, 1045 or one of their kind, a PostgreSQL error 28000 or 28P01 or a SQL Server error 18456 answers a sign-in; a user who was refused while learning is left out.',
  'external-address-within-the-network-communicated-with-internet':
    'Both sides of a conversation spoke; the inner one has a public address that the site uses itself, the other is outside.',
  'field-device-discovered-unexpectedly':
    'After learning, a device that nobody authorised says by CIP or PROFINET DCP that it is an I/O adapter, a drive or another device of the field level.',
  'firmware-change-detected': 'Firmware is transferred to a device, and within a day the device tells another version than before.',
  'firmware-version-changed':
    'An identity told by CIP, BACnet, S7comm (module identification), SNMP, OPC UA, HART-IP, EtherCAT or another protocol without a type of its own has another version than the last one.',
  'ftp-login-failed': 'FTP answers 430 or 530 to a user name or password; a user who was refused while learning is left out.',
  'function-code-raised-unauthorized-exception':
    'After learning, a Modbus exception that is new for primary, secondary, function and code.',
  'goose-message-type-settings':
    'After learning, the GOOSE control block of a publisher has another goID, destination, VLAN, confRev or time allowed to live.',
  'illegal-http-communication': 'After learning, an HTTP request on a port that is new for client and server.',
  'internet-access-detected': 'A device tries to reach a public address and gets no answer within 5 seconds.',
  'mitsubishi-firmware-version-changed': 'A MELSEC controller names another CPU model or version than the last time.',
  'modbus-address-range-violation':
    'After learning, a Modbus request (functions 1 to 6, 15, 16, 22, 23) reaches outside the addresses known for primary, secondary, unit and table.',
  'modbus-firmware-version-changed':
    'Modbus device identification (43/14, object 2) or server id (17) tells another revision than the last time.',
  'new-activity-detected-cip-class': 'After learning, a CIP request addresses a class that is new for the pair.',
  'new-activity-detected-cip-class-service': 'After learning, a CIP request has a class and service that are new for the pair.',
  'new-activity-detected-cip-pccc-command': 'After learning, Execute PCCC carries a command and function that are new for the pair.',
  'new-activity-detected-cip-symbol': 'After learning, a CIP read or write names a tag that is new for the pair.',
  'new-activity-detected-ethernet-ip-i-o-connection':
    'After learning, a Forward Open succeeds, or I/O data flows, between connection points that are new for the pair.',
  'new-activity-detected-ethernet-ip-protocol-command': 'After learning, an EtherNet/IP encapsulation command that is new for the pair.',
  'new-port-discovery': 'After learning, a device answers on a TCP or UDP port below 49152 on which it has not answered before.',
  'new-activity-detected-read-write-command-ams-index-group':
    'After learning, an ADS read, write or read-write has an index group that is new for the pair, the AMS port and the command.',
  'new-activity-detected-read-write-command-ams-index-offset':
    'After learning, an ADS read, write or read-write has an offset that is new within its index group.',
  'new-activity-detected-unauthorized-rpc-message-type':
    'After learning, a DCE/RPC request has an interface and operation number that are new for the pair.',
  'new-activity-detected-using-ams-protocol-command': 'After learning, an ADS command that is new for the pair and the AMS port.',
  'new-asset-detected': 'After learning, a device sends its first packet.',
  'new-lldp-device-configuration':
    'After learning, LLDP announces a chassis, port, system name or management address that is new for the device.',
  'omron-fins-unauthorized-command': 'After learning, a FINS command code that is new for the pair.',
  's7-plus-plc-firmware-changed':
    'An S7-1200 or S7-1500 says in the answer that opens a session that it has another firmware than the last time.',
  'sampled-values-message-type-settings':
    'After learning, a stream of sampled values has another confRev, sample rate, synchronisation, destination or VLAN.',
  'suspicion-of-illegal-integrity-scan': 'After learning, a DNP3 read asks for a set of classes with class 0 that is new for the pair.',
  'unauthorized-access-to-siemens-s7-data-block':
    'After learning, an S7comm read or write addresses a data block that is new for the pair.',
  'unauthorized-access-to-siemens-s7-plus-object':
    'After learning, an S7comm-plus request addresses an object that is new for the pair and the function.',
  'unauthorized-bacnet-object-access': 'After learning, a BACnet request names an object, service and property that are new for the pair.',
  'unauthorized-bacnet-route': 'After learning, a BACnet message crosses networks that are new for the pair.',
  'unauthorized-database-login': 'After learning, a user who is new for client and server signs in to MySQL, PostgreSQL or SQL Server.',
  'unauthorized-database-operation': 'After learning, an SQL statement has a verb and object that are new for client and server.',
  'unauthorized-emerson-roc-operation': 'After learning, a ROC request has an opcode that is new for the pair.',
  'unauthorized-ge-srtp-file-access': 'After learning, an SRTP program store, load or name request that is new for the pair.',
  'unauthorized-ge-srtp-protocol-command': 'After learning, an SRTP service request code that is new for the pair.',
  'unauthorized-ge-srtp-system-memory-operation':
    'After learning, an SRTP read or write of system memory reaches outside the addresses known for the pair and the segment.',
  'unauthorized-http-activity': 'After learning, an HTTP request has a method, host and first path segment that are new for the pair.',
  'unauthorized-http-soap-action': 'After learning, an HTTP request has a SOAP action that is new for the pair.',
  'unauthorized-http-user-agent': 'After learning, an HTTP request has a user-agent product that is new for the client.',
  'unauthorized-internet-connectivity-detected':
    'Both sides of a conversation between a device and a public address spoke; names on the allow list are left out.',
  'unauthorized-mitsubishi-melsec-command': 'After learning, a MELSEC (SLMP or MELSOFT) command and subcommand that are new for the pair.',
  'unauthorized-mms-program-access':
    'After learning, an MMS service on a domain or program invocation whose name and service are new for the pair.',
  'unauthorized-mms-service': 'After learning, an MMS service that is new for the pair.',
  'unauthorized-multicast-broadcast-connection':
    'After learning, a device sends to a group, type and port that are new for it; what networks need to run themselves is left out.',
  'unauthorized-name-query': 'After learning, a device asks by DNS (registered domain), NBNS, LLMNR or mDNS for a name that is new for it.',
  'unauthorized-opc-ua-activity': 'After learning, an OPC UA request names a node or endpoint that is new for the pair.',
  'unauthorized-opc-ua-request-response': 'After learning, an OPC UA message type that is new for the pair.',
  'unauthorized-operation-was-detected-by-a-user-defined-rule':
    'A custom alert rule with the action alert holds, whatever was learned; once a second for a pair.',
  'unauthorized-plc-configuration-read':
    'After learning, a device that is no programming device reads the configuration of a controller for the first time.',
  'unauthorized-plc-configuration-write':
    'After learning, a write of configuration of a kind that is new for the pair; setting the clock counts.',
  'unauthorized-plc-program-upload': 'After learning, a device reads the program of a controller for the first time.',
  'unauthorized-plc-programming': 'A device that is no programming device loads, changes or deletes a program of a controller.',
  'unauthorized-profinet-frame-type': 'After learning, a PROFINET frame of a class that is new for the pair of MAC addresses.',
  'unauthorized-saia-s-bus-command': 'After learning, an S-Bus command code that is new for the pair.',
  'unauthorized-siemens-s7-execution-of-control-function':
    'After learning, an S7comm job 0x28 names a PI service that is new for the pair.',
  'unauthorized-siemens-s7-execution-of-user-defined-function':
    'After learning, S7comm user data has a function group and subfunction that are new for the pair.',
  'unauthorized-siemens-s7-plus-block-access':
    'After learning, an S7comm-plus request addresses a block (OB, FB, FC, DB) that is new for the pair and the function.',
  'unauthorized-siemens-s7-plus-operation': 'After learning, an S7comm-plus function that is new for the pair.',
  'unauthorized-smb-login': 'After learning, an SMB session is set up by a user who is new for client and server.',
  'unauthorized-snmp-operation':
    'After learning, an SNMP request has a community or user, type and first eight arcs of the object that are new for the pair.',
  'unauthorized-ssh-access': 'After learning, both sides of an SSH session name themselves, and the pair is new.',
  'unauthorized-windows-process': 'After learning, a service or task is made from afar that starts a program new for the machine.',
  'unauthorized-windows-service': 'After learning, a service that is new for the machine is made or started from afar.',
  'unpermitted-modbus-schneider-electric-extension': 'After learning, a UMAS function that is new for the pair.',
  'unpermitted-usage-of-asdu-types': 'After learning, an IEC 60870-5-104 type that is new for the pair and the common address.',
  'unpermitted-usage-of-dnp3-function-code': 'After learning, a DNP3 function that is new for master and outstation.',
  'unpermitted-usage-of-internal-indication-iin':
    'After learning, a DNP3 internal indication (other than class events) that is new for the outstation.',
  'unpermitted-usage-of-modbus-function-code': 'After learning, a Modbus function that is new for primary, secondary and unit.',

  'abnormal-exception-pattern-in-slave': 'A secondary answers with a Modbus exception or a DNP3 indication that refuses a request.',
  'abnormal-http-header-length': 'A header line is longer than the limit, or more than four times the longest learned for the pair.',
  'abnormal-number-of-parameters-in-http-header':
    'A message has more header fields than the limit, or more than four times as many as learned for the pair.',
  'abnormal-periodic-behavior-in-communication-channel':
    'Polls of a channel with a steady period (a variation under 0.2 over 100 polls) come in less than half or more than twice of it.',
  'abnormal-termination-of-applications': 'Stop commands of any protocol to one device.',
  'abnormal-traffic-bandwidth':
    'The volume of five minutes is more than four standard deviations from that of the same hour of the week; judged after two weeks.',
  'abnormal-traffic-bandwidth-between-devices': 'The same for the volume between two devices.',
  'address-scan-detected': 'Connection attempts to different addresses of one network (/16) from a device that is no known scanner.',
  'arp-address-scan-detected': 'ARP requests for different addresses from a device that is no known scanner.',
  'arp-spoofing': 'ARP claims that nobody asked for, or for an address that another device claimed less than a minute ago.',
  'excessive-login-attempts': 'Attempts to sign in, by any protocol but SMB, from one client to one server.',
  'excessive-number-of-sessions': 'TCP connections from one client to one port of a server.',
  'excessive-restart-rate-of-an-outstation': 'DNP3 restart requests (functions 13 and 14), or indications of a restart, of one outstation.',
  'excessive-smb-login-attempts': 'Refused SMB session set-ups from one client to one server.',
  'icmp-flooding': 'ICMP messages from one device to another; answers to the messages that are counted are left out.',
  'illegal-http-header-content':
    'A header has a control byte, a bare CR or LF, a field name that is no token, both Content-Length and Transfer-Encoding, or lengths that disagree.',
  'inactive-communication-channel': 'A channel with a steady period sends no poll for longer than the period and the window.',
  'long-duration-address-scan-detected': 'As an address scan, at a slower pace.',
  'password-guessing-attempt-detected': 'Attempts to sign in from one client to one server.',
  'plc-scan-detected':
    'Controllers whose industrial ports a device tries, or which it asks who they are, without an ordinary message following within 10 seconds.',
  'port-scan-detected': 'Different ports of one device tried by another that is no known scanner.',
  'unexpected-message-length': 'One text of a message (a command line, a URI, a header) is this long.',
  'unexpected-traffic-for-standard-port': 'The first bytes on a well-known port are certainly another protocol.',

  'excessive-malformed-packets-in-a-single-session':
    'Messages that do not fit their protocol (lengths, checksums, cut fields) between a client and one service.',
  'firmware-update':
    'A transfer of firmware by CIP, DNP3 (a file of that name), SRTP, S-Bus, BSAP or EtherCAT (a slave is told to bootstrap).',
  'function-code-not-supported-by-outstation': 'A DNP3 response has IIN2.0 set.',
  'illegal-bacnet-message':
    'A BACnet message has a wrong BVLC type or length, NPDU version or control, an unknown PDU type, or tags that do not fit.',
  'illegal-connection-attempt-on-port-0': 'A TCP SYN or a UDP datagram to port 0, or a SYN from it.',
  'illegal-dnp3-operation':
    'A response comes from the master or a request from the outstation, an object or qualifier does not exist, a range cannot be, or a checksum is wrong.',
  'illegal-modbus-operation-exception-raised-by-master': 'A Modbus request has the exception bit (0x80) in its function.',
  'illegal-modbus-operation-function-code-zero': 'A Modbus message has function 0.',
  'illegal-protocol-version': 'The version in a Modbus, EtherNet/IP, OPC UA or BACnet header is none that exists.',
  'incorrect-parameter-sent-to-outstation': 'A DNP3 response has IIN2.2 set.',
  'initiation-of-an-obsolete-function-code-initialize-data': 'A DNP3 request has function 15.',
  'initiation-of-an-obsolete-function-code-save-config': 'A DNP3 request has function 19.',
  'master-requested-an-application-layer-confirmation': 'A DNP3 request asks for a confirmation (CON bit).',
  'modbus-exception': 'A Modbus exception without a type of its own, or whose own type is off.',
  'slave-device-received-illegal-asdu-type': 'An IEC 60870-5-104 answer has cause of transmission 44.',
  'slave-device-received-illegal-command-cause-of-transmission': 'An IEC 60870-5-104 answer has cause of transmission 45.',
  'slave-device-received-illegal-common-address': 'An IEC 60870-5-104 answer has cause of transmission 46.',
  'slave-device-received-illegal-data-address-parameter': 'Modbus exception 2.',
  'slave-device-received-illegal-data-value-parameter': 'Modbus exception 3.',
  'slave-device-received-illegal-function-code': 'Modbus exception 1.',
  'slave-device-received-illegal-information-object-address': 'An IEC 60870-5-104 answer has cause of transmission 47.',
  'unknown-object-sent-to-outstation': 'A DNP3 response has IIN2.1 set.',
  'usage-of-a-reserved-function-code': 'A Modbus or DNP3 message has a function that the specification reserves.',
  'usage-of-improper-formatting-by-outstation':
    'Object headers, qualifiers, ranges or transport segments that an outstation sends do not fit their message.',
  'usage-of-reserved-status-flags-iin': 'A DNP3 response has IIN2.6 or IIN2.7 set.',

  'connection-attempt-to-known-malicious-ip': 'A conversation begins with an address of the threat list.',
  'invalid-smb-message-doublepulsar-backdoor-implant':
    'An SMB1 Trans2 SESSION_SETUP is answered with a multiplex id that the implant changes.',
  'malicious-domain-name-request': 'A name is asked for that is on the threat list, or below one that is.',
  'malicious-url-path': 'An HTTP request has a host and path on the threat list.',
  'malware-test-file-detected-eicar-av-success': 'The 68 bytes of the EICAR test file pass, in a stream or a datagram, on any port.',
  'suspicion-of-conficker-malware': 'An entry of the threat list that names this type is met.',
  'suspicion-of-denial-of-service-attack': 'New TCP connections from one device to another.',
  'suspicion-of-malicious-activity': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-blackenergy': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-darkcomet': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-duqu': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-flame': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-havex': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-karagany': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-lightsout': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-name-queries': 'Names that a device never asked for before, or that do not exist.',
  'suspicion-of-malicious-activity-poison-ivy': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-regin': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-stuxnet': 'An entry of the threat list that names this type is met.',
  'suspicion-of-malicious-activity-wannacry':
    'A name of its kill switch is asked for, or an entry of the threat list that names this type is met.',
  'suspicion-of-notpetya-malware-illegal-smb-parameters-detected': 'An SMB1 request has parameter lengths that cannot be.',
  'suspicion-of-notpetya-malware-illegal-smb-transaction-detected':
    'SMB1 transactions follow each other in an order that no client uses, or perfc.dat is written to an administrative share.',
  'suspicion-of-remote-code-execution-with-psexec': 'A service, a file in an administrative share or a pipe has the name PSEXESVC.',
  'suspicion-of-remote-windows-service-management':
    'After learning, a host that is new for it makes, changes, starts, stops or deletes services through the service control manager.',
  'suspicious-executable-file-detected-on-endpoint':
    'A file whose name ends like that of a document or picture begins as a program of Windows or Linux.',
  'suspicious-traffic-detected':
    'A tunnel in DNS (50 names of one domain that carry 1,500 bytes within 10 minutes) or in ICMP (20 odd echo messages within 5 minutes), or an entry of the threat list that names this type.',

  'an-s7-stop-plc-command-was-sent': 'An S7comm job 0x29, or its like in S7comm-plus.',
  'bacnet-operation-failed': 'A BACnet error, reject or abort answers a request.',
  'bad-mms-device-state': 'An MMS status has a logical or physical state other than 0.',
  'change-of-device-configuration': 'A configuration is activated, or a device tells another revision of its configuration than before.',
  'continuous-event-buffer-overflow-at-outstation': 'DNP3 responses of one outstation have IIN2.3 set.',
  'controller-reset': 'A controller accepts a CIP Reset.',
  'controller-stop': 'A stop command of CIP, UMAS, FINS, MELSEC, DNP3, MMS or another protocol without a type of its own.',
  'device-failed-to-receive-a-dynamic-ip-address': 'DHCP requests of one client without an offer or acknowledgement; or a DHCP NAK.',
  'device-is-suspected-to-be-disconnected-unresponsive': 'Requests to a device that was heard before, with no packet from it.',
  'ethernet-ip-cip-service-request-failed': 'A CIP answer has a general status other than 0 and 6.',
  'ethernet-ip-encapsulation-protocol-command-failed': 'An EtherNet/IP answer has a status other than 0.',
  'event-buffer-overflow-in-outstation': 'IIN2.3 of an outstation rises.',
  'expected-backup-operation-did-not-occur':
    'Files moved between two devices at five equal intervals (half an hour or more), and the next run is overdue while the sensor sees other traffic.',
  'ge-srtp-command-failure': 'An SRTP answer has a major status other than 0.',
  'ge-srtp-stop-plc-command-was-sent': 'An SRTP service request 0x23 that stops.',
  'goose-control-block-requires-further-configuration': 'A GOOSE message has ndsCom set.',
  'goose-dataset-configuration-was-changed': 'The data set of a GOOSE control block has another name or number of entries.',
  'http-client-error': 'HTTP answers 400 to 499, but for 401 and 407.',
  'illegal-ip-address': 'An address of a packet is in 0.0.0.0/8 (but for DHCP), 127.0.0.0/8 or 240.0.0.0/4, or its source is a group.',
  'master-slave-authentication-error': 'A DNP3 authentication error (object 120 variation 7).',
  'mms-service-request-failed': 'An MMS error, reject or data access error answers a request.',
  'no-traffic-detected-on-sensor-interface': 'No packet comes in.',
  'opc-ua-server-raised-an-event-that-requires-users-attention': 'An OPC UA event has this severity or more.',
  'opc-ua-service-request-failed': 'An OPC UA fault, or an answer whose result has the bad bit.',
  'outstation-restarted': 'IIN1.7 of an outstation rises.',
  'outstation-restarts-frequently': 'IIN1.7 of one outstation rises again and again.',
  'outstations-configuration-changed': 'A DNP3 outstation acknowledges that it activates a configuration, or tells another version of it.',
  'outstations-corrupted-configuration-detected': 'A DNP3 response has IIN2.5 set.',
  'profinet-dcp-command-failed': 'A PROFINET DCP answer has a block error other than 0.',
  'profinet-device-factory-reset': 'A PROFINET DCP Set asks for a factory reset.',
  'rpc-operation-failed': 'A DCE/RPC fault, or a bind that is refused.',
  'sampled-values-message-dataset-configuration-was-changed':
    'The data set of a stream of sampled values has another name, number or length of samples.',
  'slave-device-unrecoverable-failure': 'Modbus exception 4.',
  'suspicion-of-hardware-problems-in-outstation': 'A DNP3 response has IIN1.6 set.',
  'suspicion-of-unresponsive-modbus-device': 'Modbus requests to a device that answered before, without a reply for at least 10 seconds.',
  'traffic-detected-on-sensor-interface': 'The first packet after an interface was reported as silent.',
  'plc-operating-mode-changed': 'A controller tells another operating mode or key-switch position than the last time.',
};

const CLOSED = 'The protocol is not published, and no public capture shows it.';
const SOLD = 'The standards (ANSI/CEA-709.1 and 852) are sold only, and no public capture shows the protocol.';

/** Why nothing is raised, by id. */
export const NOT_DETECTED: Readonly<Record<string, string>> = {
  'backup-activity-with-antivirus-signatures': 'Files are not searched for signatures of malware, so none can be found in a backup.',
  'emerson-roc-firmware-version-changed':
    'The parameter that holds the version differs between units, and the lists of parameters are not published for all.',
  'foxboro-i-a-unauthorized-operation': CLOSED,
  'honeywell-controller-unexpected-status': CLOSED,
  'honeywell-firmware-version-changed': CLOSED,
  'new-activity-detected-gsm-message-code':
    'The signalling of mobile networks does not pass the networks that a sensor in a plant watches.',
  'new-activity-detected-lontalk-command-codes': SOLD,
  'new-activity-detected-lontalk-network-variable': SOLD,
  'new-activity-detected-ovation-data-request': CLOSED,
  'new-activity-detected-unauthorized-deltav-message-type': CLOSED,
  'new-activity-detected-unauthorized-deltav-roc-operation': CLOSED,
  'new-activity-detected-using-siemens-sicam-command': CLOSED,
  'new-activity-detected-using-suitelink-protocol-command': CLOSED,
  'new-activity-detected-using-suitelink-protocol-sessions': CLOSED,
  'new-activity-detected-using-yokogawa-vnetip-command': CLOSED,
  'toshiba-computer-link-unauthorized-command': CLOSED,
  'unauthorized-abb-totalflow-file-operation': CLOSED,
  'unauthorized-abb-totalflow-register-operation': CLOSED,
  'unauthorized-access-to-wonderware-tag': CLOSED,
};

/** Ids of the types that are detected. */
export const DETECTED_TYPES: readonly string[] = Object.keys(TRIGGERS).sort();
