-- Old hours of webhooks are found by their age.

set local search_path = khata;

create index webhook_hourly_old on webhook_hourly (hour);
