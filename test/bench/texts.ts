/** Texts of ten megabytes: the work of the process itself, without an editor, beside what Node needs at the least. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { localClient, localKms } from "../../src/aws/main";
import { EncryptionSdkMessages } from "../../src/aws/messages";
import { findTokens } from "../../src/core/findInText";
import { formatToken, parseToken } from "../../src/core/tokens";
import { decryptTokens, encryptTexts } from "../../src/core/transform";
import { createRequestHandler, createSandboxKms, SANDBOX_REGION } from "../../src/sandbox/main";
import { compare, type Figure } from "./figures";
import { profiled } from "./profile";

const SIZE = 10 * 1024 * 1024;
const TOKENS = 5000;
const ROUNDS = 9;
const WARM_UP = 3;
const BINDING = { keyId: "alias/sandbox", context: { identity: "alice" } };
const never = new AbortController().signal;

/** Text as people write it, with a letter beyond ASCII now and then. */
const LINE = "host: database.example.com  # the port is 5432, à la carte\n";
const textOf = (bytes: number): string => LINE.repeat(Math.ceil(bytes / Buffer.byteLength(LINE)));

export async function measureTexts(): Promise<Figure[]> {
  const client = localClient(SANDBOX_REGION, createRequestHandler(createSandboxKms(randomBytes(32))));
  const kms = localKms(client, () => undefined);
  const ciphers = {
    kms,
    messages: () =>
      Promise.resolve(new EncryptionSdkMessages({ kms, isAws: false, allowUncommitted: false })),
  };
  const text = textOf(SIZE);
  const [key, iv] = [randomBytes(32), randomBytes(12)];
  const encrypt = (): Promise<string[]> =>
    encryptTexts(
      ciphers,
      [{ content: text, line: 1 }],
      BINDING,
      { format: "base64", envelope: "auto", dataKeyCaching: false },
      never,
    );
  const sealed = seal(text, key, iv);
  const [token = ""] = await encrypt();
  const check = (opened: string | undefined): void => {
    if (opened !== text) throw new Error("Another text came back.");
  };
  const decrypt = async (): Promise<void> => {
    const content = parseToken(token);
    if (!content) throw new Error("What was encrypted is no token.");
    const [opened] = await decryptTokens(ciphers, [{ content, line: 1 }], BINDING, never);
    check(opened?.text);
  };
  const limit = { of: "ratio", most: 3 } as const;
  const node = "Node's own AES-256-GCM, base64 and UTF-8";
  const figures: Figure[] = [
    {
      title: "encrypt a text of 10 MB",
      floor: node,
      unit: "ms",
      limit,
      ...(await compare(ROUNDS, WARM_UP, () => seal(text, key, iv), encrypt)),
    },
    {
      title: "decrypt a text of 10 MB",
      floor: node,
      unit: "ms",
      limit,
      ...(await compare(
        ROUNDS,
        WARM_UP,
        () => {
          check(open(sealed, key, iv));
        },
        decrypt,
      )),
      profile: await profiled(async () => {
        for (let round = 0; round < ROUNDS; round++) await decrypt();
      }),
    },
    await scanning(ciphers.kms),
  ];
  client.destroy();
  return figures;
}

/** 5,000 tokens in a document of 10 MB. */
async function scanning(kms: ReturnType<typeof localKms>): Promise<Figure> {
  const { ciphertext } = await kms.encrypt(BINDING.keyId, randomBytes(24), BINDING.context, never);
  const line = `password: ${formatToken(ciphertext, "base64")}\n`;
  const text = `${line}${textOf(SIZE / TOKENS - line.length)}`.repeat(TOKENS);
  const samples = await compare(
    ROUNDS,
    WARM_UP,
    () => [...text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].map(([run]) => Buffer.from(run, "base64")),
    () => {
      const { tokens } = findTokens(text);
      if (tokens.length !== TOKENS) throw new Error(`${tokens.length} tokens were found.`);
    },
  );
  const floor = "one regular expression over the text, and base64 of what it finds";
  return { title: "find 5,000 tokens in 10 MB", floor, unit: "ms", ...samples };
}

function seal(text: string, key: Uint8Array, iv: Uint8Array): string {
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const sealed = [cipher.update(Buffer.from(text, "utf8")), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString("base64");
}

function open(base64: string, key: Uint8Array, iv: Uint8Array): string {
  const bytes = Buffer.from(base64, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, iv);
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}
