/** Where GGUF bytes come from: a whole file in memory, or a file that is read piece by piece. */

/** Random access to the bytes of a file. */
export interface ByteSource {
  /** The file's name for messages, without its folder. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Fills `into` from `position`; the caller stays within `size`.
   * @throws when the medium fails, or ends before `into` is full.
   */
  read(position: number, into: Uint8Array): void;
}

/** The bytes of a file that is in memory already. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    read: (position, into) => into.set(bytes.subarray(position, position + into.byteLength)),
  };
}
