/** Is this webhook from Concord, and fresh? Both kinds of signature; use the one you like better. */

import { createHmac, createPublicKey, timingSafeEqual, verify as verifySignature } from "node:crypto";

type Headers = Record<string, string>; // names in lower case

const TOLERANCE_SECONDS = 5 * 60;
const ED25519 = Buffer.from("302a300506032b6570032100", "hex"); // how a raw key of 32 bytes begins as SPKI

/** With the shared secret (`whsec_…`): version v1. Throws. */
export function verify(headers: Headers, body: Buffer, secret: string): void {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(signed(headers, body)).digest();
  const known = signatures(headers, "v1,").some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  if (!known) throw new Error("not signed with this secret");
}

/** With the public key (`whpk_…`): version v1a, Ed25519. Throws. */
export function verifyWithPublicKey(headers: Headers, body: Buffer, publicKey: string): void {
  const raw = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64");
  const key = createPublicKey({ key: Buffer.concat([ED25519, raw]), format: "der", type: "spki" });
  const known = signatures(headers, "v1a,").some((one) => verifySignature(null, signed(headers, body), key, one));
  if (!known) throw new Error("not signed with this key");
}

/** What the signatures are of: the bytes of the body as they came, before anything parses them. */
function signed(headers: Headers, body: Buffer): Buffer {
  const timestamp = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) {
    throw new Error("signed too long ago, or in the future");
  }
  return Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${timestamp}.`), body]);
}

/** During a rotation there are several. */
function signatures(headers: Headers, version: string): Buffer[] {
  const listed = headers["webhook-signature"].split(" ").filter((one) => one.startsWith(version));
  return listed.map((one) => Buffer.from(one.slice(version.length), "base64"));
}
