/** `node receiver.ts PORT SECRET`: shows what it is told, each event once. */

import { createServer, type IncomingMessage } from "node:http";
import { verify } from "./verify.ts";

const BODY_BYTES_MAX = 65_536;
const [port, secret] = process.argv.slice(2);
const seen = new Set<string>(); // in earnest: a table, written to in the transaction of the effect

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > BODY_BYTES_MAX) throw new Error("too long");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

createServer(async (request, response) => {
  const headers = request.headers as Record<string, string>;
  let body: Buffer;
  try {
    body = await read(request);
    verify(headers, body, secret);
  } catch (wrong) {
    console.log(`refused: ${(wrong as Error).message}`);
    response.writeHead(401).end();
    return;
  }
  const event = JSON.parse(body.toString());
  if (!seen.has(headers["webhook-id"])) {
    seen.add(headers["webhook-id"]);
    console.log(event.type, event.subject, JSON.stringify(event.dataref ?? event.data));
  }
  response.writeHead(204).end();
}).listen(Number(port), "127.0.0.1");
