"""The lab exercise's Flask app, behaviour for behaviour and in our own words, to measure ours against.

Like the original it keeps plain passwords, opens a database connection for each form, and runs on Flask's
development server. PyMySQL stands in for MySQL's own connector, which Debian does not have. That one encrypts
by itself whatever the server can encrypt, unverified; PyMySQL has to be told (`DB_TLS`).
"""
import os
import ssl

import pymysql
from flask import Flask, render_template, request

site = Flask(__name__)

tls = None
if os.environ["DB_TLS"] == "yes":
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE


def fields():
    return request.form.get("uname"), request.form.get("pwd")


def run(sql, values):
    connection = pymysql.connect(
        host="127.0.0.1",
        port=int(os.environ["DB_PORT"]),
        user=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        database="handout",
        ssl=tls,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            connection.commit()
            return cursor.fetchone()
    finally:
        connection.close()


@site.get("/")
def first_page():
    return render_template("register.html")


@site.post("/register")
def register():
    name, password = fields()
    if not (name and password):
        return "Both are needed", 400
    run("INSERT INTO users (name, password) VALUES (%s, %s)", (name, password))
    return render_template("success.html")


@site.get("/login")
def login():
    return render_template("login.html")


@site.post("/validate")
def validate():
    name, password = fields()
    if not (name and password):
        return "Both are needed", 400
    row = run("SELECT * FROM users WHERE name = %s AND password = %s", (name, password))
    return render_template("welcome.html", username=name) if row else render_template("error.html")


site.run(host="127.0.0.1", port=int(os.environ["PORT"]))
