require "openssl"

def imgsizes_url(base_url, secret, source, transform, format_name)
  digest = OpenSSL::HMAC.digest("SHA256", secret, "#{source}/#{transform}")
  signature = [digest].pack("m0").tr("+/", "-_")[0, 16]
  path = "#{source}/#{transform}.#{signature}.#{format_name}"
  base_url + path.b.gsub(%r{[^A-Za-z0-9\-._~/]}n) { |char| format("%%%02X", char.ord) }
end
