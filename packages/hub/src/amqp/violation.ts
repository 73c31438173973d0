/** What a peer did that AMQP 1.0 or the hub's bounds forbid. Ends the connection. */
export class AmqpViolation extends Error {
  override readonly name = 'AmqpViolation';
}
