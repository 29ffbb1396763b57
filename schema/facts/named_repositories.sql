-- Repository names are the same in every source. Where several rows have one name, the first that says something counts.
SELECT
  name,
  first_value(service ORDER BY source, id) FILTER (WHERE service IS NOT NULL) AS service,
  first_value(project ORDER BY source, id) FILTER (WHERE project IS NOT NULL) AS project
FROM repositories
GROUP BY name
