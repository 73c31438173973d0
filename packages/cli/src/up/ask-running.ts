/** Requests of commands to the system that runs on their data directory. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { z } from 'zod';
import type { RunningSystem } from './running.ts';

/** The answer, parsed from JSON; null when it is empty. @throws Error with the sentence of a refusal */
export async function ask(system: RunningSystem, method: string, path: string, body?: object): Promise<unknown> {
  const bytes = await askBytes(system, method, path, body);
  return bytes.length > 0 ? JSON.parse(bytes.toString()) : null;
}

/** The answer as it came. @throws Error with the sentence of a refusal */
export function askBytes(system: RunningSystem, method: string, path: string, body?: object): Promise<Buffer> {
  const url = new URL(path, system.url);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const payload = body ? JSON.stringify(body) : undefined;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method,
        headers: { authorization: `Bearer ${system.token}`, ...(payload ? { 'content-type': 'application/json' } : {}) },
        ...(system.authority ? { ca: system.authority } : {}),
        ...(system.name === undefined ? {} : { servername: system.name }),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          if ((response.statusCode ?? 500) < 300) resolve(bytes);
          else reject(new Error(refusal(bytes.toString())));
        });
      },
    );
    request.on('error', (error) => reject(new Error(`The running system at ${system.url} does not answer: ${error.message}.`)));
    request.end(payload);
  });
}

const refusalSchema = z.object({ message: z.string() });

function refusal(text: string): string {
  try {
    return refusalSchema.parse(JSON.parse(text)).message;
  } catch {
    return text;
  }
}
