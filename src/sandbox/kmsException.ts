/** An exception as KMS answers it: the name is what clients go by, the message is often empty. */
export class KmsException extends Error {
  override readonly name: string;
  readonly statusCode: number;

  /** KMS answers 400 for everything that is the caller's doing: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
  constructor(name: string, message = "", statusCode = 400) {
    super(message);
    this.name = name;
    this.statusCode = statusCode;
  }
}
