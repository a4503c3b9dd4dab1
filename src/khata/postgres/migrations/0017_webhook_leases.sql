-- The few lanes of an endpoint that are leased are counted without looking at all that wait.

set local search_path = khata;

create index webhook_lanes_leased on webhook_lanes (endpoint_id, leased_until)
  where leased_until > '-infinity';
