import { createDecipheriv } from "node:crypto";

/*
 * Luxembourg's meters encrypt their telegrams: a frame of DB 08, system title (8 bytes), 82, length (2), 30, frame counter (4), ciphertext,
 * tag (12), by AES-128-GCM; the nonce is system title and frame counter, what is authenticated besides is 30 and a known key.
 */

const TITLE_AT = 2;
const TITLE_BYTES = 8;
const LENGTH_AT = 11;
const COUNTER_AT = 14;
const COUNTER_BYTES = 4;
const TEXT_AT = 18;
const TAG_BYTES = 12;
const MAX_FRAME_BYTES = 8_192;
const FRAME_START = Buffer.from([0xdb, 0x08]);
const AUTHENTICATED = Buffer.from("3000112233445566778899aabbccddeeff", "hex");

/** What comes out of a stream of frames: telegrams in clear, and frames that can't be read. */
type SmartyListener = { telegram(text: string): void; fault(sentence: string): void };

/** Takes pieces of a stream of frames, and tells of each telegram within; `key` of 16 bytes comes from the grid operator. */
export function createSmartyReader(key: Uint8Array, listener: SmartyListener): (piece: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    for (;;) {
      const start = rest.indexOf(FRAME_START);
      if (start < 0) {
        rest = rest.subarray(-1);
        return;
      }
      rest = rest.subarray(start);
      if (rest.length < TEXT_AT) return;
      const bytes = frameBytes(rest);
      if (bytes === null) {
        rest = rest.subarray(1);
        continue;
      }
      if (rest.length < bytes) return;
      tellFrame(rest.subarray(0, bytes), key, listener);
      rest = rest.subarray(bytes);
    }
  };
}

/** How long a frame is by what it says; null where it is none. The length counts from the byte after it. */
function frameBytes(frame: Buffer): number | null {
  const isFrame = frame[10] === 0x82 && frame[13] === 0x30;
  const bytes = LENGTH_AT + 2 + frame.readUInt16BE(LENGTH_AT);
  return isFrame && bytes > TEXT_AT + TAG_BYTES && bytes <= MAX_FRAME_BYTES ? bytes : null;
}

function tellFrame(frame: Buffer, key: Uint8Array, listener: SmartyListener): void {
  const nonce = Buffer.concat([
    frame.subarray(TITLE_AT, TITLE_AT + TITLE_BYTES),
    frame.subarray(COUNTER_AT, COUNTER_AT + COUNTER_BYTES),
  ]);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(AUTHENTICATED);
  decipher.setAuthTag(frame.subarray(frame.length - TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(frame.subarray(TEXT_AT, -TAG_BYTES)), decipher.final()]);
    listener.telegram(text.toString("latin1"));
  } catch {
    listener.fault("a telegram can't be decrypted with the key that was given");
  }
}
