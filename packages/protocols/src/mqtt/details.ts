/** Topics of MQTT packets, for custom rules (OASIS MQTT 5, 3.3, 3.8 and 3.10). */
import { text } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import { Packet, VERSION_5 } from './names.ts';
import { afterProperties, afterText } from './parse.ts';

/** @param afterTopic offset behind the topic, -1 when it does not fit */
export function publishDetails(facts: Facts, flags: number, bytes: Uint8Array, start: number, afterTopic: number): void {
  if (afterTopic >= 0) facts.detailText(Detail.MqttTopic, text(bytes, start + 2, afterTopic));
  facts.detail(Detail.MqttQos, (flags >> 1) & 3);
}

/** States the topic filters of a SUBSCRIBE or UNSUBSCRIBE. */
export function filterDetails(facts: Facts, type: number, version: number, bytes: Uint8Array, start: number, end: number): void {
  let at = version === VERSION_5 ? afterProperties(bytes, start + 2, end) : start + 2;
  while (at >= 0 && at < end) {
    const after = afterText(bytes, at, end);
    if (after < 0) return;
    facts.detailText(Detail.MqttTopic, text(bytes, at + 2, after));
    at = after;
    if (type !== Packet.Subscribe || at >= end) continue;
    facts.detail(Detail.MqttQos, bytes[at] & 3);
    at++;
  }
}
