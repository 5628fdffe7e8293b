export enum Unit {
  Millimetre = 'mm',
}

function measured(): ClassDecorator {
  return () => undefined;
}

@measured()
export class Page {
  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {}

  area(unit: Unit): string {
    return `${this.width * this.height} ${unit}`;
  }
}
