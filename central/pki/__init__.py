"""The site's certificate authority, and the files a broker needs."""
