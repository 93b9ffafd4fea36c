/** Why a file was not read: a sentence's id, with the line and what the reader says of the place. */
export class NotRead extends Error {
  constructor(readonly id: string, readonly detail = '', readonly line = 0) {
    super(id)
  }
}
