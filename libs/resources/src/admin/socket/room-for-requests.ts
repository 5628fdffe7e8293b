/** Most bytes of all requests together that are not complete: a document to restore may be long, and comes as one line. */
const MOST = 16 * 1024 * 1024;

/** The memory that clients can take by what they say, whatever they say and however many they are. */
export class RoomForRequests {
  private taken = 0;

  /** @returns whether there was room */
  take(bytes: number): boolean {
    if (this.taken + bytes > MOST) return false;
    this.taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.taken -= bytes;
  }
}
