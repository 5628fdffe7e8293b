export interface OrderDraft {
  customer: string;
  item: string;
  quantity: number;
  price: number;
}

export interface Order extends OrderDraft {
  id: number;
}

export const ORDER_COLUMNS = 'id, customer, item, quantity, price::float8 AS price';
