/** What the sandbox bundle offers. */
export { createRequestHandler } from "./requestHandler";
export { createSandboxKms, SANDBOX_REGION } from "./sandboxKeys";
