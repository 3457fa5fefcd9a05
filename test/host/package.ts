/** `npm run package`: packs what is built, and names the file with its size and its hash. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths";
import { pack } from "./vsix";

const vsix = join(root, "kms-selection.vsix");
pack(vsix);
const bytes = readFileSync(vsix);
console.log(
  `kms-selection.vsix: ${Math.ceil(bytes.length / 1024)} KB, SHA-256 ${createHash("sha256").update(bytes).digest("hex")}`,
);
