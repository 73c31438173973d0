/** The links of a back end on an AMQP connection: messages to devices, feedback, file notifications. */
import { randomUUID } from 'node:crypto';
import rhea, { type Delivery, type EventContext, type Message, type Receiver, type Sender } from 'rhea';
import type { ServiceCaller } from '../authentication/caller.ts';
import type { Hub } from '../core/hub.ts';
import type { TakenNotices } from '../core/notice-feed.ts';
import { asHubError, HubError } from '../hub-error.ts';
import type { NoticeKind } from '../state/notices.ts';
import type { Acknowledgement } from '../state/device-queue.ts';
import { parseDevicePath } from './addresses.ts';
import { conditionOf } from './conditions.ts';
import { creditOf } from './device-links.ts';
import { fromAmqp, mapOf, textOf } from './message-codec.ts';

const SEND_CREDIT = 100;
const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = ['none', 'positive', 'negative', 'full'];
const FEEDBACK_TYPE = 'application/vnd.microsoft.iothub.feedback.json';

export class ServiceLinks {
  readonly #hub: Hub;
  /** The back end as it last proved itself. */
  readonly #caller: () => ServiceCaller;
  /** What to do when a link has ended. */
  readonly #ends = new Map<Receiver | Sender, () => void>();

  constructor(hub: Hub, caller: () => ServiceCaller) {
    this.#hub = hub;
    this.#caller = caller;
  }

  /** A link over which the back end sends messages to devices. */
  send(receiver: Receiver): void {
    receiver.on('message', (context: EventContext) => void this.#command(receiver, context));
    receiver.add_credit(SEND_CREDIT);
  }

  async #command(receiver: Receiver, { message, delivery }: EventContext): Promise<void> {
    if (!message || !delivery) return;
    try {
      const to = textOf(message['to']) ?? '';
      const target = parseDevicePath(to);
      if (!target || target.name.moduleId !== null || target.rest.toLowerCase() !== 'messages/devicebound')
        throw new HubError(
          'ArgumentInvalid',
          `${JSON.stringify(to.slice(0, 200))} is no device to send to: give /devices/{id}/messages/devicebound.`,
        );
      const given = textOf(mapOf(message, 'application_properties')['iothub-ack']) ?? 'none';
      const ack = ACKNOWLEDGEMENTS.find((known) => known === given.toLowerCase());
      if (!ack)
        throw new HubError('ArgumentInvalid', `The acknowledgement ${JSON.stringify(given)} is none of ${ACKNOWLEDGEMENTS.join(', ')}.`);
      await this.#hub.commands.send(this.#caller(), target.name.deviceId, fromAmqp(message), ack);
      delivery.accept();
    } catch (error) {
      delivery.reject(conditionOf(asHubError(error)));
    }
    if (!receiver.is_closed()) receiver.add_credit(1);
  }

  /** A link over which the back end hears of feedback or files. */
  notices(kind: NoticeKind, sender: Sender): void {
    const holder = randomUUID();
    const taken = new Map<Delivery, TakenNotices>();
    let looking = false;
    const look = async (): Promise<void> => {
      if (looking) return;
      looking = true;
      try {
        while (!sender.is_closed() && creditOf(sender) > taken.size) {
          const next = await this.#hub.notices.take(this.#caller(), kind, holder);
          if (!next) break;
          if (sender.is_closed()) await this.#hub.notices.settle(next, false);
          else taken.set(sender.send(noticeMessage(next)), next);
        }
      } catch (error) {
        sender.close(conditionOf(asHubError(error)));
      } finally {
        looking = false;
      }
    };
    const settle = (done: boolean) => {
      return ({ delivery }: EventContext): void => {
        const notices = delivery && taken.get(delivery);
        if (!notices) return;
        taken.delete(delivery);
        void this.#hub.notices.settle(notices, done).then(() => {
          delivery.update(true);
          return look();
        });
      };
    };
    sender.on('accepted', settle(true));
    sender.on('rejected', settle(true));
    sender.on('released', settle(false));
    sender.on('modified', settle(false));
    sender.on('sender_flow', () => void look());
    const ignore = this.#hub.notices.listen(kind, () => void look());
    this.#ends.set(sender, () => {
      ignore();
      void this.#hub.notices.release(holder).catch(() => {});
    });
    void look();
  }

  closed(link: Receiver | Sender): void {
    this.#ends.get(link)?.();
    this.#ends.delete(link);
  }

  end(): void {
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }
}

function noticeMessage({ kind, notices }: TakenNotices): Message {
  const body = kind === 'feedback' ? `[${notices.map((notice) => notice.body).join(',')}]` : notices[0].body;
  const fields = {
    message_id: randomUUID(),
    content_type: kind === 'feedback' ? FEEDBACK_TYPE : 'application/json',
    content_encoding: 'utf-8',
    creation_time: new Date(notices[0].created),
    body: rhea.message.data_section(Buffer.from(body)),
  };
  // rhea takes plain objects; its type asks for the methods of its own class.
  return fields as unknown as Message;
}
