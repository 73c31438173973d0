/** What people say about an alert, and the texts that an administrator offers for it. */
import type { AlertComment } from '@annunciator/store/alert-comments';
import type { AlertStore } from '@annunciator/store/alert-query';
import { z } from 'zod';
import { reachedAlert } from '../alerts/alert-reach.ts';
import type { App } from '../app.ts';
import type { Audit } from '../audit.ts';
import { callerOf } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import type { PortalRecords } from '../portal-records.ts';
import { notFound } from '../http/request-error.ts';

const LONGEST = 2000;
const MOST_TEXTS = 100;
const TEXTS = 'alert.commentTexts';
const tags = ['Alerts'];
const params = z.object({ id: z.string().max(200) });
const commentSchema = z
  .object({ number: z.number(), at: z.string().describe('ISO 8601, UTC'), who: z.string(), text: z.string() })
  .meta({ id: 'AlertComment' });
const textsSchema = z
  .object({
    texts: z
      .array(
        z
          .string()
          .trim()
          .min(1)
          .max(LONGEST)
          .regex(/^[^\r\n]*$/, 'A text is one line.'),
      )
      .max(MOST_TEXTS),
  })
  .meta({ id: 'CommentTexts' });

export interface CommentParts {
  readonly records: PortalRecords;
  readonly store: Pick<AlertStore, 'get'>;
  readonly audit: Audit;
}

export function addCommentRoutes(app: App, { records, store, audit }: CommentParts): void {
  const { comments, settings } = records;

  app.get(
    '/api/alerts/:id/comments',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'What people say about the alert, oldest first',
        params,
        response: { 200: z.array(commentSchema), 404: refusalSchema },
      },
    },
    async (request) => {
      await reachedAlert(request, store, request.params.id);
      return (await comments.of(request.params.id)).map(view);
    },
  );

  app.post(
    '/api/alerts/:id/comments',
    {
      config: { permission: 'alerts.comment', byPlace: true },
      schema: {
        tags,
        summary: 'Say something about the alert; it stays as it is said',
        params,
        body: z.object({ text: z.string().trim().min(1).max(LONGEST) }),
        response: { 201: commentSchema, 404: refusalSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await reachedAlert(request, store, id, 'alerts.comment');
      const who = callerOf(request).userName;
      const comment = await comments.add(id, { at: Date.now(), who, text: request.body.text });
      if (!comment) throw notFound('alert', id);
      await audit.record({ at: comment.at, who, action: 'alert.comment', on: [id], details: { number: comment.number } });
      return reply.code(201).send(view(comment));
    },
  );

  app.get(
    '/api/comment-texts',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: { tags, summary: 'Texts that are offered for comments', response: { 200: textsSchema } },
    },
    async () => ({ texts: textsOf(await settings.get(TEXTS)) }),
  );

  app.put(
    '/api/comment-texts',
    {
      config: { permission: 'commentTexts.edit' },
      schema: { tags, summary: 'Set the texts that are offered for comments', body: textsSchema, response: { 200: textsSchema } },
    },
    async (request) => {
      const { texts } = request.body;
      await settings.set({ [TEXTS]: texts });
      await audit.record({
        at: Date.now(),
        who: callerOf(request).userName,
        action: 'commentTexts.edit',
        on: [],
        details: { texts: texts.length },
      });
      return { texts };
    },
  );
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function view({ number, at, who, text }: AlertComment): z.infer<typeof commentSchema> {
  return { number, at: new Date(at).toISOString(), who, text };
}
