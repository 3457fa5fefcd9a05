/** docs/recovery.md, word for word: what is encrypted in a real window opens with the offline key alone, without AWS. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { root, temporaryFolder } from "../host/paths";
import { writeAwsHome } from "../support/awsHome";
import { startKmsServer, TEST_REGION } from "../support/kmsServer";
import { openWorkbench } from "../ui/window";
import { findPython } from "./python";

const SECRET = "correct-horse-battery";

interface Block {
  readonly section: string;
  readonly language: string;
  readonly text: string;
  /** The last name in backticks before it. */
  readonly file: string | undefined;
}

/** The fenced blocks of a Markdown page, in order. */
function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language, 2: text, index }) => {
    const before = markdown.slice(0, index);
    return {
      section: /.*^## (.*?)$/ms.exec(before)?.[1] ?? "",
      language: language!,
      text: text!,
      file: /`([\w.]+)`[^`]*$/.exec(before)?.[1],
    };
  });
}

const blocks = blocksOf(readFileSync(join(root, "docs/recovery.md"), "utf8"));
const inSection = (section: string, language: string): Block[] =>
  blocks.filter((block) => block.section === section && block.language === language);

/** A namespace without any network, where the system lets us have one. */
const sealed = spawnSync("unshare", ["-rn", "true"]).status === 0 ? ["unshare", "-rn"] : [];

const NO_SOCKETS = `import socket
def refuse(*_, **__):
    raise SystemExit("a socket was opened")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = socket.getaddrinfo = refuse
`;

const found = findPython();
if ("missing" in found)
  console.log(`  Recovery with the Encryption SDK for Python is left out: ${found.missing}`);
else {
  suite("A recovery key, as docs/recovery.md says", function () {
    this.timeout(240_000);
    const work = temporaryFolder();
    // Where the page's commands are run.
    const home = work.path;
    suiteTeardown(() => {
      work.remove();
    });

    function run(block: Block, network: boolean): string {
      const command = ["bash", "-euo", "pipefail", "-c", block.text];
      const [program, ...args] = network ? command : [...sealed, ...command];
      const blocker = join(home, "no-sockets");
      return execFileSync(program!, args, {
        cwd: home,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: process.env.PATH,
          HOME: home,
          // Not to download the same again each time.
          PIP_CACHE_DIR: join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pip"),
          PIP_DISABLE_PIP_VERSION_CHECK: "1",
          AWS_EC2_METADATA_DISABLED: "true",
          ...(network ? {} : { PYTHONPATH: blocker }),
        },
      });
    }

    function saveScripts(section: string): void {
      for (const { file, text } of inSection(section, "python")) writeFileSync(join(home, file!), text);
    }

    test("the key pair is made, and its fingerprint told", () => {
      const made = inSection("Make the key pair", "sh");
      assert.equal(made.length, 2);
      for (const block of made) run(block, true);
      const key = createPublicKey(readFileSync(join(home, "recovery-public.pem")));
      assert.equal(key.asymmetricKeyDetails?.modulusLength, 4096);
      assert.match(readFileSync(join(home, "recovery-fingerprint.txt"), "utf8"), /^[0-9a-f]{64}\n$/);
    });

    test("the tools are kept with the key", () => {
      for (const block of inSection("Keep the tools with the key", "sh")) run(block, true);
      saveScripts("Keep the tools with the key");
      assert.match(readFileSync(join(home, "open_tokens.py"), "utf8"), /create_raw_rsa_keyring/);
    });

    test("a text is sealed to it in a window, and saved", async () => {
      const server = await startKmsServer();
      const file = join(home, "secrets.env");
      writeFileSync(file, `PASSWORD=${SECRET}\n`);
      writeAwsHome(home, {
        config: `[profile dev]\nendpoint_url = ${server.url}\n`,
        credentials: "[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev\n",
      });
      const [settings] = inSection("Seal to it", "json");
      const folder = join(home, "workspace");
      mkdirSync(folder);
      const window = await openWorkbench({
        folder,
        file,
        home,
        settings: {
          "kmsSelection.keyAlias": "alias/app",
          "kmsSelection.region": TEST_REGION,
          "kmsSelection.profile": "dev",
          "kmsSelection.identity": "alice",
          ...(JSON.parse(settings!.text) as object),
        },
      });
      try {
        await window.editor.select(SECRET);
        await window.runCommand("KMS: Encrypt Selection");
        await window.editor.waitForText(/^PASSWORD=AgR4[A-Za-z0-9+/]+={0,2}\n$/);
        await window.editor.save();
      } finally {
        await window.code.close();
        await server.close();
      }
      assert.match(readFileSync(file, "utf8"), /^PASSWORD=AgR4/);
      assert.deepEqual(
        server.requests.map(({ operation }) => operation),
        ["GenerateDataKey"],
      );
    });

    test("what has no recovery key is listed", () => {
      saveScripts("Seal to it");
      // A KMS ciphertext, and a message that is sealed to another recovery key.
      const message = /AgR4\S+/.exec(readFileSync(join(home, "secrets.env"), "utf8"))![0];
      const fingerprint = readFileSync(join(home, "recovery-fingerprint.txt"), "utf8").trim();
      const other = Buffer.from(message, "base64");
      other.write("0".repeat(64), other.indexOf(fingerprint));
      writeFileSync(
        join(home, "others.env"),
        `A=1\nB=ENC[KMS,AQICA${"h".repeat(91)}]\nC=${other.toString("base64")}\n`,
      );
      const [list] = inSection("Seal to it", "sh");
      assert.equal(
        run(list!, false),
        "others.env:2: NO RECOVERY KEY\nothers.env:3: NO RECOVERY KEY\nsecrets.env:1: recovery key\n",
      );
    });

    test("without network and AWS, the private key alone opens it", () => {
      rmSync(join(home, ".aws"), { recursive: true });
      rmSync(join(home, "downloader"), { recursive: true });
      mkdirSync(join(home, "no-sockets"));
      writeFileSync(join(home, "no-sockets/sitecustomize.py"), NO_SOCKETS);
      const ask: Block = {
        section: "",
        language: "sh",
        file: undefined,
        text: `python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9), 1)'`,
      };
      assert.throws(() => run(ask, false), /a socket was opened/);

      const opening = inSection("Open it", "sh");
      assert.equal(opening.length, 2);
      for (const block of opening) run(block, false);
      assert.equal(readFileSync(join(home, "texts.txt"), "utf8"), `${SECRET}\n`);
    });

    test("another private key does not open it", () => {
      const [make] = inSection("Make the key pair", "sh");
      run(make!, true);
      const [, open] = inSection("Open it", "sh");
      assert.throws(() => run(open!, false));
      assert.equal(readFileSync(join(home, "texts.txt"), "utf8"), "");
    });
  });
}
